// Keeps tokens fresh: one flight per account, each step durable before the next.
//
//   claim ──▶ shown ──▶ token endpoint ──▶ new tokens and no claim (one step)
//
// A claim keeps others who share the store away, and tells whoever comes after a crash where it happened: one that was
// not shown yet is simply begun again; one that was shown may have spent the refresh token. Where the provider's row
// says that such a token may be shown again, it is; else the access token is used up first (refresh_schedule.h), and a
// refusal is then told as what it most likely is.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/async/broadcast.h"
#include "lib/base/clock.h"
#include "workers/accounts/books/account_book.h"
#include "workers/accounts/tokens/fetcher.h"
#include "workers/accounts/tokens/refresh_schedule.h"
#include "workers/accounts/tokens/shared_logins.h"

namespace patchbay::accounts {

class Refresher {
 public:
  static constexpr int kFlightsMax = 4;
  // Longer than everything that happens under a claim.
  static constexpr std::chrono::seconds kClaimLives{120};
  // How long another's claim is waited for.
  static constexpr std::chrono::seconds kClaimPatience{30};

  using Spawn = std::function<void(std::string_view what, Awaitable<void>)>;

  Refresher(asio::io_context& io, const Clock& clock, AccountBook& book, AccountPool& pool, StorageThread& storage,
            Fetcher& fetcher, SharedLogins& shared, const Providers& providers, Spawn spawn, CarryEvents carry)
      : io_(io),
        clock_(clock),
        book_(book),
        pool_(pool),
        storage_(storage),
        fetcher_(fetcher),
        shared_(shared),
        providers_(providers),
        spawn_(std::move(spawn)),
        carry_(std::move(carry)),
        changed_(io) {}

  // `skew`: how long before its end a token is renewed, where the provider's row does not say.
  void Configure(std::chrono::milliseconds skew) { skew_ = skew; }
  // `node`: who we are to those that share the store. `claims`: what a crash left behind.
  void Resume(std::string node, const std::vector<RefreshClaim>& claims);

  // The pool's wish. Joins a flight that is under way; answers the pool at once when the last try was a moment ago.
  void Want(const AccountId& account, const std::string& why);
  // Now, for an operator, whatever the schedule says. Joins a flight that is under way.
  Awaitable<Result<void>> RefreshNow(AccountId account);
  // Starts what is due. Call about once a second.
  void Tick();
  // From now on nothing is begun. Returns when what is under way has ended and is on the disk, or after `longest`: an
  // answer to a token that is good for one use is waited for.
  Awaitable<void> Finish(std::chrono::milliseconds longest);
  // Since when an answer is missing, so that its refresh token may be spent.
  std::optional<WallTime> PerhapsSpentSince(const StoredAccount& account) const;
  std::size_t flights() const { return flights_.size(); }
  bool IsRefreshing(const AccountId& account) const { return flights_.contains(account); }

 private:
  struct Flight {
    std::string why;
    std::vector<std::shared_ptr<async::Event>> waiting;
    std::optional<Result<void>> result;
  };
  struct Claimed {
    ClaimAnswer answer;
    std::optional<StoredAccount> theirs;  // kOtherTokens
  };

  Moment Now() const { return {clock_.Now(), clock_.Steady()}; }
  RefreshHistory& HistoryOf(const AccountId& account) { return history_.try_emplace(account, account).first->second; }
  const Provider* ProviderOf(const AccountId& account) const;
  TokenAge AgeOf(const StoredAccount& account) const;
  bool IsDue(const StoredAccount& account) const;
  std::shared_ptr<Flight> Start(const AccountId& account, const std::string& why);
  Awaitable<void> Fly(AccountId account, std::shared_ptr<Flight> flight);

  Awaitable<Result<void>> Refresh(AccountId account);
  Awaitable<Result<Claimed>> Claim(AccountId account);
  // Durable before the token leaves the house.
  Awaitable<Result<void>> NoteShown(AccountId account);
  // `held`: where the account shares its login; else null.
  Awaitable<Result<void>> OnTokens(AccountId account, Secret shown, RefreshReply reply, SharedLogins::Held* held);
  Awaitable<Result<void>> OnRefused(RefreshClaim claim, Secret shown, RefreshReply reply, SharedLogins::Held* held);
  // `claim`: as it was before the token was shown this time.
  Awaitable<Result<void>> OnNothing(RefreshClaim claim, bool perhaps_taken, std::string why);
  Result<void> Failed(const AccountId& account, Error error);
  Result<void> CannotShare(const AccountId& account, Error error);
  Result<void> Replaced(const AccountId& account);
  Awaitable<void> EndClaim(AccountId account, std::optional<WallTime> shown_at);
  Awaitable<void> WriteUntilDurable(AccountId account);

  asio::io_context& io_;
  const Clock& clock_;
  AccountBook& book_;
  AccountPool& pool_;
  StorageThread& storage_;
  Fetcher& fetcher_;
  SharedLogins& shared_;
  const Providers& providers_;
  Spawn spawn_;
  CarryEvents carry_;
  std::chrono::milliseconds skew_{0};
  std::string node_;
  std::map<AccountId, std::shared_ptr<Flight>> flights_;
  std::map<AccountId, RefreshHistory> history_;
  async::Broadcast changed_;
  int not_durable_ = 0;  // tokens that the disk has not taken yet
  bool leaving_ = false;
};

}  // namespace patchbay::accounts
