#include "workers/accounts/core/administration.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "workers/accounts/admission/admission.h"
#include "workers/accounts/books/configured_keys.h"
#include "workers/accounts/login/requests.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
AccountView Administration::View(const AccountId& account) const {
  const StoredAccount* stored = accounts_.Find(account);
  return {stored,
          accounts_.TokenExpiry(account),
          pool_.Find(account),
          pool_.settings().slots_per_account,
          clock_.Now(),
          shared_.ProblemOf(account),
          stored == nullptr ? std::nullopt : refresher_.PerhapsSpentSince(*stored)};
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

Awaitable<Result<Added>> Administration::ShareLogin(std::string file, std::string label) {
  CO_ASSIGN_OR_RETURN(NewAccount account, co_await shared_.Read(std::move(file)));
  account.label = std::move(label);
  std::vector<NewAccount> accounts;
  accounts.push_back(std::move(account));
  std::vector<Result<Added>> results = co_await accounts_.Add(std::move(accounts));
  co_return std::move(results.front());
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
  if (!stored->login_file.empty()) co_return false;
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

Result<std::vector<const StoredAccount*>> Administration::ToExport(const std::vector<std::string>& accounts) const {
  std::vector<const StoredAccount*> chosen;
  for (const std::string& text : accounts) {
    ASSIGN_OR_RETURN(const AccountId ref, accounts_.Resolve(text));
    chosen.push_back(accounts_.Find(ref));
  }
  if (!accounts.empty()) return chosen;
  for (const StoredAccount* account : accounts_.All()) {
    if (account->configured_by.empty()) chosen.push_back(account);
  }
  return chosen;
}

Awaitable<Result<TriedVerdict>> Administration::TryVerdict(std::string provider, SeenAnswer answer) const {
  CO_ASSIGN_OR_RETURN(AnswerFacts read, co_await fetcher_.ReadError(provider, std::move(answer)));
  const auto& rows = pool_.settings().verdicts;
  TriedVerdict tried{std::move(read.failure), {}, false};
  tried.verdict = Classify(tried.failure, read.quota, clock_.Now(), rows, provider);
  tried.operators = std::any_of(rows.begin(), rows.end(),
                                [&](const OperatorVerdict& row) { return row.Matches(provider, tried.failure); });
  co_return tried;
}

void Administration::ClearAccount(const AccountId& account) { carry_(pool_.ClearMarks(account, Now())); }

Result<PoolExplanation> Administration::Explain(const Question& question) const {
  if (models_.names().Choices(question.model)->empty()) {
    return Error(ErrorCode::kNotFound, models_.UnknownModel(question.model));
  }
  CallWish wish;
  wish.model = question.model;
  wish.affinity_key = question.affinity_key;
  if (!question.client_key.empty()) {
    ASSIGN_OR_RETURN(wish.client_key, keys_.Resolve(question.client_key));
  }
  const StoredClientKey* key = keys_.Find(wish.client_key.str());
  auto admitted = Admit(wish, keys_.IsValid(wish.client_key), key == nullptr ? nullptr : &key->terms, models_.names(),
                        models_.catalog());
  const auto refused = [](Denied denied) {
    PoolExplanation explanation;
    explanation.reason = denied.message;
    explanation.denied = std::move(denied);
    return explanation;
  };
  if (auto* denied = std::get_if<Denied>(&admitted)) return refused(std::move(*denied));
  auto& args = std::get<AcquireArgs>(admitted);
  if (key != nullptr) args.key_name = key->name;
  if (const auto over = key_calls_.Against(wish, args)) {
    const StoredClientKey& limited = *key;  // others have no limits
    if (!over->waits && (over->code != DenyCode::kKeyBudget || limited.terms.fallback_model().empty())) {
      return refused(DeniedBy(wish, *over));
    }
    PoolExplanation explanation;
    explanation.reason = over->waits ? "it would wait: " + over->message
                                     : over->message + "; it would be served as " + limited.terms.fallback_model();
    return explanation;
  }
  return pool_.Explain(args, Now());
}

// A key's name or id becomes its id, an account's label or the beginning of its ref its ref; of what is gone only rows
// still know.
void Administration::Named(UsageFilter& filter) const {
  if (!filter.account.empty()) {
    if (const auto ref = accounts_.Resolve(filter.account); ref.ok()) filter.account = ref->str();
  }
  if (filter.client_key.empty() || keys_.Find(filter.client_key) != nullptr) return;
  // A name that was given again belongs to the key that is valid.
  for (const bool revoked : {false, true}) {
    for (const StoredClientKey& key : keys_.List(/*include_revoked=*/true)) {
      if (key.name != filter.client_key || key.revoked_at.has_value() != revoked) continue;
      filter.client_key = key.id.str();
      return;
    }
  }
}

Awaitable<Result<UsagePage>> Administration::Usage(int limit, std::string request_id, UsageFilter filter) {
  Named(filter);
  const int rows = limit <= 0 ? kUsageRowsDefault : std::min(limit, kUsageRowsMax);
  std::function<Result<UsagePage>(StoredUsage&)> read = [rows, id = std::move(request_id),
                                                         filter = std::move(filter)](StoredUsage& reader) {
    return reader.ListUsage(rows, id, filter);
  };
  co_return co_await reads_.Run<UsagePage>(std::move(read));
}

Awaitable<Result<UsageSums>> Administration::SumUsage(UsageQuestion question) {
  Named(question.filter);
  question.limit = question.limit <= 0 ? kUsageGroupsDefault : std::min(question.limit, kUsageGroupsMax);
  constexpr std::chrono::hours kOffsetMax{14};
  question.utc_offset = std::clamp<std::chrono::minutes>(question.utc_offset, -kOffsetMax, kOffsetMax);
  // By full hours where it may be: those are added up already.
  const WallTime latest = std::chrono::floor<std::chrono::hours>(clock_.Now()) + std::chrono::hours(1);
  WallTime& until = question.filter.until.emplace(std::min(question.filter.until.value_or(latest), latest));
  WallTime& since = question.filter.since.emplace(question.filter.since.value_or(clock_.Now() - kUsageSpanDefault));
  since = std::max(since, WallTime{});
  if (since >= until) co_return Error(ErrorCode::kInvalidArgument, "the time ends before it begins");
  std::function<Result<UsageSums>(StoredUsage&)> read = [question](StoredUsage& reader) {
    return reader.SumUsage(question);
  };
  co_return co_await reads_.Run<UsageSums>(std::move(read));
}

std::string Administration::LabelOf(UsageBy by, const std::string& of) const {
  if (by == UsageBy::kAccount) {
    const StoredAccount* account = accounts_.Find(AccountId(of));
    return account == nullptr ? std::string() : account->label;
  }
  if (by != UsageBy::kKey) return {};
  const StoredClientKey* key = keys_.Find(of);
  return key == nullptr ? std::string() : key->name;
}

}  // namespace patchbay::accounts
