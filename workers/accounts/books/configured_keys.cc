#include "workers/accounts/books/configured_keys.h"

#include <algorithm>

#include "lib/log/log.h"

namespace patchbay::accounts {
namespace {

bool Holds(const StoredAccount& account, const ConfiguredKey& key) {
  return account.provider == key.provider && ConstantTimeEqual(account.tokens.access.Reveal(), key.key.Reveal());
}

}  // namespace

void ConfiguredKeys::Want(std::vector<ConfiguredKey> keys) {
  wanted_ = std::move(keys);
  changed_ = true;
  if (pending_) return;  // the run under way comes to them
  pending_ = true;
  spawn_("keys.configure", Apply());
}

Awaitable<void> ConfiguredKeys::Apply() {
  while (std::exchange(changed_, false)) {
    co_await RemoveUnwanted();
    co_await AddMissing();
  }
  pending_ = false;
  done_();
}

Awaitable<void> ConfiguredKeys::RemoveUnwanted() {
  std::vector<AccountId> gone;
  for (const StoredAccount* account : accounts_.All()) {
    const bool wanted =
        account->configured_by.empty() ||
        std::any_of(wanted_.begin(), wanted_.end(), [&](const auto& key) { return Holds(*account, key); });
    if (!wanted) gone.push_back(account->ref);
  }
  for (const AccountId& account : gone) {
    const Result<void> removed = co_await accounts_.Remove(account);
    log::Warn("account.removed", {{"account", account},
                                  {"why", "the configuration does not name its key any more"},
                                  {"error", removed.ok() ? std::string() : removed.error().message}});
  }
}

Awaitable<void> ConfiguredKeys::AddMissing() {
  std::vector<NewAccount> missing;
  const std::vector<const StoredAccount*> all = accounts_.All();
  for (const ConfiguredKey& key : wanted_) {
    if (std::any_of(all.begin(), all.end(), [&](const auto* account) { return Holds(*account, key); })) continue;
    NewAccount account;
    account.provider = key.provider;
    account.configured_by = key.reference;
    account.tokens.access = key.key;
    if (key.reference == kCallersLogins) account.label = "each caller's own";
    missing.push_back(std::move(account));
  }
  if (missing.empty()) co_return;
  const std::vector<Result<Added>> results = co_await accounts_.Add(std::move(missing));
  for (const Result<Added>& added : results) {
    if (added.ok()) {
      log::Info("account.added", {{"account", added->account}, {"why", "the configuration has it"}});
    } else {
      log::Error("account.not_added", {{"error", added.error().message}});
    }
  }
}

}  // namespace patchbay::accounts
