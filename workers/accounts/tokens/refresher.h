// Keeps tokens fresh: one flight per account, each written ahead of its use.
//
//   intent (durable) ──▶ token endpoint ──▶ new tokens and no intent (one durable step)
//
// A refresh token is single use. An intent that is still there after a crash, or after an answer that got lost, means
// that the token may be spent: it is tried once more, and a refusal is then told as what it most likely is.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/tokens/fetcher.h"

namespace patchbay::accounts {

class Refresher {
 public:
  static constexpr int kFlightsMax = 4;

  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  Refresher(asio::io_context& io, const Clock& clock, AccountBook& book, AccountPool& pool, StorageThread& storage,
            Fetcher& fetcher, const Providers& providers, Spawn spawn, CarryEvents carry)
      : io_(io),
        clock_(clock),
        book_(book),
        pool_(pool),
        storage_(storage),
        fetcher_(fetcher),
        providers_(providers),
        spawn_(std::move(spawn)),
        carry_(std::move(carry)) {}

  // `skew`: how long before its end a token is renewed, where the provider's row does not say.
  void Configure(std::chrono::milliseconds skew) { skew_ = skew; }
  // Intents that a crash left behind.
  void Resume(const std::vector<RefreshIntent>& intents);

  // The pool's wish. Joins a flight that is under way; answers the pool at once when the last try was a moment ago.
  void Want(const AccountId& account, const std::string& why);
  // Now, for an operator, whatever the schedule says. Joins a flight that is under way.
  Awaitable<Result<void>> RefreshNow(AccountId account);
  // Starts what is due. Call about once a second.
  void Tick();
  std::size_t flights() const { return flights_.size(); }

 private:
  struct Flight {
    std::string why;
    std::vector<std::shared_ptr<async::Event>> waiting;
    std::optional<Result<void>> result;
  };
  struct History {
    int failures = 0;
    SteadyTime last_try{};
    SteadyTime next_try{};
    std::optional<WallTime> unanswered_since;  // the refresh token may be spent
  };

  std::shared_ptr<Flight> Start(const AccountId& account, const std::string& why);
  Awaitable<void> Fly(AccountId account, std::shared_ptr<Flight> flight);
  Awaitable<Result<void>> Refresh(AccountId account);
  Awaitable<void> WriteUntilDurable(AccountId account);
  void BackOff(History& history);
  bool Due(const StoredAccount& account, const History* history) const;

  asio::io_context& io_;
  const Clock& clock_;
  AccountBook& book_;
  AccountPool& pool_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  const Providers& providers_;
  Spawn spawn_;
  CarryEvents carry_;
  std::chrono::milliseconds skew_{0};
  std::map<AccountId, std::shared_ptr<Flight>> flights_;
  std::map<AccountId, History> history_;
};

}  // namespace patchbay::accounts
