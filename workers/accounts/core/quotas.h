// What is left of the accounts' quota, beyond the pool's use of it: kept, plotted, told to frontends; and the credits
// that reset a window. Usage endpoints are asked by usage_checks.h.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "workers/accounts/books/account_book.h"
#include "workers/accounts/pool/forecast.h"
#include "workers/accounts/pool/pooled_quota.h"
#include "workers/accounts/providers/reset_credits.h"
#include "workers/accounts/store/storage_thread.h"
#include "workers/accounts/tokens/fetcher.h"

namespace patchbay::accounts {

class Quotas {
 public:
  static constexpr int kPointsMax = 20'000;  // in one list
  static constexpr std::chrono::minutes kBetweenPoints{15};
  static constexpr std::int64_t kPointsKept = 1'000'000;
  // What watchers of changes() are told by.
  inline static const std::string kPools = "pools";

  Quotas(asio::io_context& io, const Clock& clock, AccountPool& pool, AccountBook& accounts, StorageThread& storage,
         Fetcher& fetcher, const Providers& providers, CarryEvents carry)
      : io_(io),
        clock_(clock),
        pool_(pool),
        accounts_(accounts),
        storage_(storage),
        fetcher_(fetcher),
        providers_(providers),
        carry_(std::move(carry)) {}

  void Configure(std::chrono::milliseconds history) { history_ = history; }

  // An account's quota or state is another one.
  void Changed(const AccountId& account) { changed_.insert(account); }
  void StateChanged() { dirty_ = true; }
  // Keeps what has changed, and tells of it. Call about once a second.
  void Tick();

  // Tells at once, as far as it is another.
  void Tell();

  // As last told, or now when nothing was yet: one of each provider that has accounts, the default one first.
  const std::vector<PooledQuota>& pools();
  UpdateHub& changes() { return changes_; }
  struct ProviderOutlook {
    std::string provider;
    int accounts = 0;
    Outlook outlook;
  };
  std::vector<ProviderOutlook> Outlooks() const;

  Awaitable<Result<QuotaPoints>> History(AccountId account, std::optional<WallTime> since);
  Awaitable<Result<ResetCredits>> ListResetCredits(AccountId account);
  // `redeem_id` empty: one is made. Asked once more with the same id when no answer came. The account's usage has been
  // read again when it returns, if the provider answered.
  Awaitable<Result<Redemption>> Redeem(AccountId account, std::string credit, std::string redeem_id);

 private:
  struct ResetCreditsPlace {
    std::string provider;
    const ResetCreditsCode* code = nullptr;
  };
  Result<ResetCreditsPlace> PlaceOf(const AccountId& account) const;
  void Keep(const PoolAccount& account);
  // False: it is as it was.
  bool Gather();
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }

  asio::io_context& io_;
  const Clock& clock_;
  AccountPool& pool_;
  AccountBook& accounts_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  const Providers& providers_;
  CarryEvents carry_;
  std::chrono::milliseconds history_{0};
  std::set<AccountId> changed_;
  bool dirty_ = true;
  std::optional<SteadyTime> gathered_at_, trimmed_at_;
  std::vector<PooledQuota> pools_;
  UpdateHub changes_;
};

}  // namespace patchbay::accounts
