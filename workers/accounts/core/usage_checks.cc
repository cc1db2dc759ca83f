#include "workers/accounts/core/usage_checks.h"

#include "lib/base/on_exit.h"
#include "lib/log/log.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

// How often whoever waits looks; it is woken, too.
constexpr std::chrono::milliseconds kLook{1000};

}  // namespace

Awaitable<void> UsageChecks::Check(AccountId account) {
  std::string problem = co_await Ask(account);
  if (const auto waited_for = rechecked_.find(account); waited_for != rechecked_.end()) {
    waited_for->second = std::move(problem);
  }
  over_.Notify();
}

Awaitable<std::string> UsageChecks::Ask(AccountId account) {
  UsageAnswer answer;
  std::string problem;
  const StoredAccount* stored = accounts_.Find(account);
  const Provider* row = stored == nullptr ? nullptr : providers_.Find(stored->provider);
  const UsageReader read = row == nullptr ? nullptr : FindUsageReader(row->row.usage().shape());
  answer.nowhere = read == nullptr || row->row.usage().path().empty() || row->credential == Credential::kCallers;
  if (answer.nowhere) {
    problem = "its provider tells of no quota";
  } else {
    ++total_;
    const std::string provider = stored->provider;
    const auto fetched = co_await fetcher_.Usage(provider, account, stored->credential_version);
    if (fetched.ok()) {
      answer = read(fetched->status, fetched->body.Reveal(), clock_.Now());
      if (answer.http_status != 200) {
        problem = "its usage endpoint answered " + std::to_string(fetched->status);
        if (!answer.code.empty()) problem += " " + answer.code;
      }
    } else {
      problem = "no answer: " + fetched.error().message;
    }
    log::Info("usage.checked", {{"account", account},
                                {"status", answer.http_status},
                                {"limit_reached", answer.quota.limit_reached},
                                {"error", fetched.ok() ? std::string() : fetched.error().message}});
  }
  carry_(pool_.UsageChecked(account, answer, Now()));
  co_return problem;
}

Awaitable<std::string> UsageChecks::Recheck(AccountId account) {
  while (rechecked_.size() >= kRechecksMax || rechecked_.contains(account)) co_await over_.Wait(kLook);
  rechecked_[account];
  const OnExit over([this, account] {
    rechecked_.erase(account);
    over_.Notify();
  });
  carry_(pool_.Recheck(account, Now()));
  for (;;) {
    const PoolAccount* asked = pool_.Find(account);
    if (asked == nullptr) co_return "it has been removed";
    if (!asked->checking) co_return rechecked_[account];
    co_await over_.Wait(kLook);
  }
}

}  // namespace patchbay::accounts
