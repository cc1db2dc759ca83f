#include "workers/accounts/core/administration.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "workers/accounts/admission/admission.h"
#include "workers/accounts/books/configured_keys.h"
#include "workers/accounts/login/requests.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

// A watcher that does not read for this long is not waited for: it gets the change when it reads.
constexpr std::chrono::milliseconds kToldMax{500};

}  // namespace

AccountView Administration::View(const AccountId& account) const {
  return {accounts_.Find(account), accounts_.TokenExpiry(account), pool_.Find(account),
          pool_.settings().slots_per_account, clock_.Now()};
}

std::vector<AccountView> Administration::Accounts() const {
  std::vector<AccountView> views;
  for (const StoredAccount* account : accounts_.All()) views.push_back(View(account->ref));
  return views;
}

std::map<std::string, int> Administration::AccountsByState() const {
  std::map<std::string, int> count;
  for (const PoolAccount* account : pool_.accounts()) ++count[std::string(ToString(account->state()))];
  return count;
}

Awaitable<std::vector<Result<Added>>> Administration::AddAccounts(std::vector<NewAccount> accounts) {
  std::vector<Result<Added>> results = co_await accounts_.Add(std::move(accounts));
  for (Result<Added>& result : results) {
    if (!result.ok()) continue;
    const AccountId ref = result->account;
    const StoredAccount* stored = accounts_.Find(ref);
    if (stored == nullptr || !stored->tokens.access.empty() || stored->tokens.refresh.empty()) continue;
    const Result<void> refreshed = co_await refresher_.RefreshNow(ref);
    if (!refreshed.ok()) {
      (void)co_await accounts_.Remove(ref);
      result = Error(refreshed.error().code, "the refresh token did not work: " + refreshed.error().message);
      continue;
    }
    result = co_await accounts_.MergeIfKnown(ref);
  }
  co_return results;
}

Awaitable<Result<void>> Administration::ChangeAccount(AccountId account, AccountEdit edit) {
  if (!edit.any()) co_return Result<void>();
  co_return co_await accounts_.Update(std::move(account), std::move(edit));
}

Awaitable<bool> Administration::Revoke(AccountId account) {
  const StoredAccount* stored = accounts_.Find(account);
  if (stored == nullptr) co_return false;
  const Provider* provider = providers_.Find(stored->provider);
  const Tokens& tokens = stored->tokens;
  if (LoginOf(provider) == nullptr || provider->row.auth().oauth().revoke_path().empty()) co_return false;
  if (tokens.refresh.empty() && tokens.access.empty()) co_return false;
  TokenRequest request = RevokeRequest(provider->row.auth().oauth(), tokens.refresh, tokens.access);
  LoginRoad road{stored->provider, stored->egress, account.str()};
  const auto answer = co_await fetcher_.Post(LoginEndpoint::kRevoke, std::move(road), std::move(request));
  co_return answer.ok() && answer->status / 100 == 2;
}

Awaitable<Result<bool>> Administration::RemoveAccount(AccountId account, bool revoke) {
  const StoredAccount* stored = accounts_.Find(account);
  if (stored != nullptr && !stored->configured_by.empty()) {
    const std::string row = "providers." + stored->provider;
    const std::string why = stored->configured_by == kCallersLogins
                                ? "it stands for the callers' own logins (" + row + "." + std::string(kCallersLogins)
                                : "the configuration names its key (" + row + ".keys: " + stored->configured_by;
    co_return Error(ErrorCode::kFailedPrecondition, why + "); take it out there, or disable the account");
  }
  bool revoked = false;
  if (revoke) revoked = co_await Revoke(account);
  CO_RETURN_IF_ERROR(co_await accounts_.Remove(std::move(account)));
  co_return revoked;
}

void Administration::ClearAccount(const AccountId& account) { carry_(pool_.ClearMarks(account, Now())); }

Result<Outlook> Administration::Explain(const Question& question) const {
  if (models_.names().Choices(question.model)->empty()) {
    return Error(ErrorCode::kNotFound, models_.UnknownModel(question.model));
  }
  CallWish wish;
  wish.model = question.model;
  wish.affinity_key = question.affinity_key;
  if (!question.client_key.empty()) {
    ASSIGN_OR_RETURN(wish.client_key, keys_.Resolve(question.client_key));
  }
  auto admitted = Admit(wish, keys_.IsValid(wish.client_key), models_.names(), models_.catalog());
  if (auto* denied = std::get_if<Denied>(&admitted)) {
    Outlook outlook;
    outlook.reason = denied->message;
    outlook.denied = std::move(*denied);
    return outlook;
  }
  return pool_.Explain(std::get<AcquireArgs>(admitted), Now());
}

Awaitable<Result<NewClientKey>> Administration::CreateKey(std::string name) {
  Result<NewClientKey> made = co_await keys_.Create(std::move(name));
  if (made.ok()) co_await keys_.changes().WaitUntilTold(io_, made->key.id.str(), kToldMax);
  co_return made;
}

Awaitable<Result<StoredClientKey>> Administration::RevokeKey(std::string key) {
  Result<StoredClientKey> revoked = co_await keys_.Revoke(std::move(key));
  if (revoked.ok()) co_await keys_.changes().WaitUntilTold(io_, revoked->id.str(), kToldMax);
  co_return revoked;
}

Awaitable<Result<UsagePage>> Administration::Usage(int limit, std::string request_id) {
  const int rows = limit <= 0 ? kUsageRowsDefault : std::min(limit, kUsageRowsMax);
  std::function<Result<UsagePage>(Store&)> read = [rows, id = std::move(request_id)](Store& store) {
    return store.ListUsage(rows, id);
  };
  co_return co_await storage_.Run<UsagePage>(std::move(read));
}

}  // namespace patchbay::accounts
