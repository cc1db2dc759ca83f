// Asks providers how accounts stand: when the pool wants to know, and when the operator does.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lib/async/broadcast.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/tokens/fetcher.h"

namespace patchbay::accounts {

class UsageChecks {
 public:
  // Of the operator's, at once: whoever has many accounts does not want to be noticed by their provider.
  static constexpr std::size_t kRechecksMax = 2;

  UsageChecks(asio::io_context& io, const Clock& clock, AccountPool& pool, const AccountBook& accounts,
              Fetcher& fetcher, const Providers& providers, CarryEvents carry)
      : clock_(clock),
        pool_(pool),
        accounts_(accounts),
        fetcher_(fetcher),
        providers_(providers),
        carry_(std::move(carry)),
        over_(io) {}

  // The answer to UsageWanted.
  Awaitable<void> Check(AccountId account);
  // Returns when the account has been asked, with why there is nothing new; empty when its provider told. Whatever goes
  // wrong, the account stays as it is.
  Awaitable<std::string> Recheck(AccountId account);

  std::int64_t total() const { return total_; }

 private:
  Awaitable<std::string> Ask(AccountId account);
  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }

  const Clock& clock_;
  AccountPool& pool_;
  const AccountBook& accounts_;
  Fetcher& fetcher_;
  const Providers& providers_;
  CarryEvents carry_;
  std::int64_t total_ = 0;
  async::Broadcast over_;                       // a check, or a recheck
  std::map<AccountId, std::string> rechecked_;  // those that are waited for: what their last check came to
};

}  // namespace patchbay::accounts
