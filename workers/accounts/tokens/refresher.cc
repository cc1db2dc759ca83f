#include "workers/accounts/tokens/refresher.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "lib/log/log.h"
#include "lib/time/time_text.h"
#include "workers/accounts/login/requests.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWriteRetry{1'000};
constexpr milliseconds kClaimLook{500};  // whether another's claim is over

PoolEvents InDoubt(const AccountId& account, const std::string& provider, std::string evidence) {
  Happened event;
  event.kind = events::v1::EVENT_KIND_LOGIN_IN_DOUBT;
  event.account = account;
  event.provider = provider;
  event.evidence = std::move(evidence);
  PoolEvents events;
  events.push_back(std::move(event));
  return events;
}

// Upstream's contract (upstream.proto, Fetch): nothing of the question left the house.
bool WasNotSent(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kUnauthenticated: return true;
    default: return false;
  }
}

// Who answers so may have done what it was asked before something broke; 503 says that it did not begin.
bool MayHaveTaken(int status) { return status >= 500 && status != 503; }

}  // namespace

void Refresher::Resume(std::string node, const std::vector<RefreshClaim>& claims) {
  node_ = std::move(node);
  for (const RefreshClaim& claim : claims) {
    const StoredAccount* account = book_.Find(claim.account);
    if (account == nullptr || account->credential_version != claim.credential_version) continue;
    const Provider* provider = providers_.Find(account->provider);
    const bool once = provider != nullptr && TermsOf(*provider, skew_).once;
    log::Warn("token.refresh_interrupted", {{"account", claim.account},
                                            {"claimed_at", Rfc3339(claim.claimed_at)},
                                            {"shown_at", claim.shown_at ? Rfc3339(*claim.shown_at) : std::string()}});
    if (claim.shown_at) HistoryOf(claim.account).PerhapsSpent(claim.credential_version, *claim.shown_at);
    if (!claim.shown_at || !once) Start(claim.account, "a refresh was interrupted by a restart");
  }
}

void Refresher::Want(const AccountId& account, const std::string& why) {
  if (leaving_ || flights_.contains(account)) return;  // our successor is asked, or its end tells the pool
  const auto known = history_.find(account);
  if (known != history_.end() && known->second.FailedAMomentAgo(clock_.Steady())) {
    carry_(pool_.RefreshFailed(account, Now()));
    return;
  }
  Start(account, why);
}

Awaitable<Result<void>> Refresher::RefreshNow(AccountId account) {
  if (leaving_) co_return Error(ErrorCode::kUnavailable, "accounts is draining");
  const StoredAccount* stored = book_.Find(account);
  if (stored == nullptr) co_return Error(ErrorCode::kNotFound, "no such account");
  if (stored->tokens.refresh.empty())
    co_return Error(ErrorCode::kFailedPrecondition, "the account has no refresh token");
  const auto flight = Start(account, "asked by the operator");
  const auto event = std::make_shared<async::Event>(io_.get_executor());
  flight->waiting.push_back(event);
  while (!flight->result) co_await event->Wait();
  co_return *flight->result;
}

std::shared_ptr<Refresher::Flight> Refresher::Start(const AccountId& account, const std::string& why) {
  auto& flight = flights_[account];
  if (!flight) {
    flight = std::make_shared<Flight>();
    flight->why = why;
    spawn_("token.refresh", Fly(account, flight));
  }
  return flight;
}

const Provider* Refresher::ProviderOf(const AccountId& account) const {
  const StoredAccount* stored = book_.Find(account);
  return stored == nullptr ? nullptr : providers_.Find(stored->provider);
}

TokenAge Refresher::AgeOf(const StoredAccount& account) const {
  return {!account.tokens.access.empty(), book_.TokenExpiry(account.ref), account.tokens_at,
          account.credential_version};
}

bool Refresher::IsDue(const StoredAccount& account) const {
  if (account.tokens.refresh.empty() || !account.enabled || flights_.contains(account.ref)) return false;
  const PoolAccount* pooled = pool_.Find(account.ref);
  if (pooled == nullptr || pooled->mark.state == AccountState::kBanned || pooled->mark.state == AccountState::kExpired)
    return false;
  const Provider* provider = providers_.Find(account.provider);
  if (provider == nullptr) return false;
  const auto known = history_.find(account.ref);
  const RefreshHistory& history = known == history_.end() ? RefreshHistory(account.ref) : known->second;
  return history.IsDue(AgeOf(account), TermsOf(*provider, skew_), Now());
}

Awaitable<void> Refresher::Finish(milliseconds longest) {
  leaving_ = true;
  const SteadyTime give_up_at = clock_.Steady() + longest;
  while (!flights_.empty() || not_durable_ > 0) {
    const auto left = std::chrono::duration_cast<milliseconds>(give_up_at - clock_.Steady());
    if (left.count() <= 0) co_return;
    co_await changed_.Wait(left);
  }
}

std::optional<WallTime> Refresher::PerhapsSpentSince(const StoredAccount& account) const {
  const auto known = history_.find(account.ref);
  return known == history_.end() ? std::nullopt : known->second.PerhapsSpentSince(account.credential_version);
}

void Refresher::Tick() {
  if (leaving_) return;
  int room = kFlightsMax - static_cast<int>(flights_.size());
  if (room <= 0) return;
  for (const StoredAccount* account : book_.All()) {
    if (!IsDue(*account)) continue;
    Start(account->ref, "it expires soon");
    if (--room == 0) return;
  }
  std::erase_if(history_, [&](const auto& item) { return book_.Find(item.first) == nullptr; });
}

Awaitable<void> Refresher::Fly(AccountId account, std::shared_ptr<Flight> flight) {
  log::Info("token.refreshing", {{"account", account}, {"why", flight->why}});
  Result<void> result = co_await Refresh(account);
  flights_.erase(account);
  flight->result = std::move(result);
  for (const auto& event : flight->waiting) event->Notify();
  changed_.Notify();
}

Awaitable<Result<void>> Refresher::Refresh(AccountId account) {
  HistoryOf(account).Tried(clock_.Steady());
  // A claim speaks of tokens that the store has.
  if (!book_.IsKept(account)) {
    const Result<void> kept = co_await book_.WriteTokens(account);
    if (!kept.ok()) co_return Failed(account, kept.error());
  }
  std::optional<SharedLogins::Held> held;
  if (const StoredAccount* account_now = book_.Find(account);
      account_now != nullptr && !account_now->login_file.empty()) {
    auto hold = co_await shared_.Hold(account);
    if (!hold.ok()) co_return CannotShare(account, hold.error());
    if (!*hold) co_return Replaced(account);
    held.emplace(std::move(**hold));
  }
  auto claimed = co_await Claim(account);
  if (!claimed.ok()) co_return Failed(account, claimed.error());
  switch (claimed->answer.kind) {
    case ClaimAnswer::Kind::kOurs: break;
    case ClaimAnswer::Kind::kOtherTokens:
      if (claimed->theirs) book_.Adopt(account, std::move(*claimed->theirs));
      co_return Replaced(account);
    case ClaimAnswer::Kind::kHeld:
      co_return Failed(account, Error(ErrorCode::kUnavailable, "another process is renewing it"));
    case ClaimAnswer::Kind::kNoAccount:
      co_return Failed(account, Error(ErrorCode::kNotFound, "the account was removed meanwhile"));
  }
  const RefreshClaim claim = std::move(claimed->answer.claim);
  if (claim.shown_at) HistoryOf(account).PerhapsSpent(claim.credential_version, *claim.shown_at);

  const StoredAccount* stored = book_.Find(account);
  if (stored == nullptr) co_return Failed(account, Error(ErrorCode::kNotFound, "the account was removed meanwhile"));
  const Provider* row = providers_.Find(stored->provider);
  const Login* login = LoginOf(row);
  if (login == nullptr) {
    co_await EndClaim(account, claim.shown_at);
    co_return Failed(
        account, Error(ErrorCode::kFailedPrecondition, "the configuration has no provider with such logins any more"));
  }
  const Secret shown = stored->tokens.refresh;
  const LoginEndpoint endpoint = RefreshEndpoint(row->row.auth().oauth());
  TokenRequest request = RefreshRequest(row->row.auth().oauth(), shown);
  LoginRoad road{stored->provider, stored->egress, account.str()};
  const Result<void> noted = co_await NoteShown(account);
  if (!noted.ok()) co_return Failed(account, noted.error());

  const auto answer = co_await fetcher_.Post(endpoint, std::move(road), std::move(request));
  if (!answer.ok()) {
    std::string why = "the token endpoint did not answer: " + answer.error().message;
    co_return co_await OnNothing(claim, !WasNotSent(answer.error()), std::move(why));
  }
  RefreshReply reply = login->read_refresh(answer->status, answer->body.Reveal());
  switch (reply.kind) {
    case RefreshReply::Kind::kTokens:
      co_return co_await OnTokens(account, shown, std::move(reply), held ? &*held : nullptr);
    case RefreshReply::Kind::kPermanent:
      co_return co_await OnRefused(claim, shown, std::move(reply), held ? &*held : nullptr);
    case RefreshReply::Kind::kTransient: break;
  }
  co_return co_await OnNothing(claim, MayHaveTaken(answer->status), std::move(reply.evidence));
}

Awaitable<Result<Refresher::Claimed>> Refresher::Claim(AccountId account) {
  const SteadyTime give_up_at = clock_.Steady() + kClaimPatience;
  asio::steady_timer look(io_);
  for (;;) {
    const StoredAccount* stored = book_.Find(account);
    if (stored == nullptr) co_return Error(ErrorCode::kNotFound, "the account was removed meanwhile");
    const WallTime now = clock_.Now();
    const RefreshClaim wish{account, stored->credential_version, node_, now, now + kClaimLives, std::nullopt};
    std::function<Result<Claimed>(Store&)> work = [wish](Store& store) -> Result<Claimed> {
      Claimed claimed;
      ASSIGN_OR_RETURN(claimed.answer, store.ClaimRefresh(wish));
      if (claimed.answer.kind == ClaimAnswer::Kind::kOtherTokens) {
        ASSIGN_OR_RETURN(claimed.theirs, store.LoadAccount(wish.account));
      }
      return claimed;
    };
    auto claimed = co_await storage_.Run<Claimed>(std::move(work));
    const bool held = claimed.ok() && claimed->answer.kind == ClaimAnswer::Kind::kHeld;
    if (!held || clock_.Steady() >= give_up_at) co_return claimed;
    look.expires_after(kClaimLook);
    co_await look.async_wait(asio::use_awaitable);
  }
}

Awaitable<Result<void>> Refresher::NoteShown(AccountId account) {
  StorageThread::Write write = [account, node = node_, now = clock_.Now()](Store& store) {
    return store.NoteShown(account, node, now);
  };
  const auto noted = co_await storage_.Run<bool>(std::move(write));
  if (!noted.ok()) co_return noted.error();
  if (!*noted) co_return Error(ErrorCode::kUnavailable, "another process has taken over its renewal");
  co_return Result<void>();
}

Awaitable<Result<void>> Refresher::OnTokens(AccountId account, Secret shown, RefreshReply reply,
                                            SharedLogins::Held* held) {
  Tokens tokens{std::move(reply.access), std::move(reply.refresh), std::move(reply.id)};
  if (held != nullptr) {
    // Before the store: whoever comes after a crash in between finds them there.
    const Result<bool> put = co_await shared_.Put(account, *held, tokens);
    if (!put.ok()) log::Error("login_file.not_written", {{"account", account}, {"error", put.error().message}});
    if (put.ok() && !*put) co_return Replaced(account);
  }
  auto written = co_await book_.ApplyTokens(account, std::move(shown), std::move(tokens), reply.expires_in);
  if (!written.ok() && written.error().code != ErrorCode::kNotFound) {
    log::Error("token.not_durable", {{"account", account}, {"error", written.error().message}});
    ++not_durable_;
    spawn_("token.write", WriteUntilDurable(account));
  }
  if (const StoredAccount* stored = book_.Find(account)) HistoryOf(account).Renewed(AgeOf(*stored), Now());
  log::Info("token.refreshed", {{"account", account}, {"durable", written.ok()}});
  carry_(pool_.RefreshSucceeded(account, Now()));
  co_return written;
}

Awaitable<Result<void>> Refresher::OnRefused(RefreshClaim claim, Secret shown, RefreshReply reply,
                                             SharedLogins::Held* held) {
  const AccountId account = claim.account;
  RefreshHistory& history = HistoryOf(account);
  std::string evidence = std::move(reply.evidence);
  const auto interrupted = history.PerhapsSpentSince(claim.credential_version);
  if (interrupted && reply.spent) {
    evidence += "; a refresh begun at " + Rfc3339(*interrupted) +
                " was interrupted before its answer was kept, so most likely it was ours";
  }
  history.Forget();
  // A race looks like a refusal: whoever was faster has left tokens that are good.
  bool outrun = false;
  if (held != nullptr) outrun = co_await shared_.TakeIfChanged(account, *held);
  using Theirs = std::optional<StoredAccount>;
  std::function<Result<Theirs>(Store&)> work = [account, node = node_](Store& store) -> Result<Theirs> {
    RETURN_IF_ERROR(store.EndClaim(account, node, std::nullopt));
    return store.LoadAccount(account);
  };
  auto theirs = co_await storage_.Run<Theirs>(std::move(work));
  const auto is_other = [&](const StoredAccount& other) {
    return !ConstantTimeEqual(other.tokens.refresh.Reveal(), shown.Reveal());
  };
  if (const StoredAccount* ours = book_.Find(account); outrun || (ours != nullptr && is_other(*ours))) {
    log::Info("token.outrun", {{"account", account}});
    co_return Replaced(account);
  }
  if (theirs.ok() && *theirs && is_other(**theirs)) {
    book_.Adopt(account, std::move(**theirs));
    co_return Replaced(account);
  }
  carry_(pool_.RefreshRefused(account, evidence, Now()));
  co_return Error(ErrorCode::kFailedPrecondition, evidence);
}

Awaitable<Result<void>> Refresher::OnNothing(RefreshClaim claim, bool perhaps_taken, std::string why) {
  if (perhaps_taken && !claim.shown_at) {
    claim.shown_at = clock_.Now();
    HistoryOf(claim.account).PerhapsSpent(claim.credential_version, *claim.shown_at);
    log::Warn("token.perhaps_spent", {{"account", claim.account}, {"why", why}});
    if (const Provider* provider = ProviderOf(claim.account); provider != nullptr && TermsOf(*provider, skew_).once) {
      carry_(InDoubt(claim.account, provider->id, "its renewal got no answer: " + why));
    }
  }
  co_await EndClaim(claim.account, claim.shown_at);
  co_return Failed(claim.account, Error(ErrorCode::kUnavailable, std::move(why)));
}

Result<void> Refresher::Failed(const AccountId& account, Error error) {
  HistoryOf(account).Failed(clock_.Steady());
  log::Warn("token.refresh_failed", {{"account", account}, {"error", error.message}});
  carry_(pool_.RefreshFailed(account, Now()));
  return error;
}

// Another login than the one that was to be renewed is the account's now.
Result<void> Refresher::Replaced(const AccountId& account) {
  HistoryOf(account).Forget();
  carry_(pool_.RefreshSucceeded(account, Now()));
  return {};
}

Result<void> Refresher::CannotShare(const AccountId& account, Error error) {
  const PoolAccount* pooled = pool_.Find(account);
  const bool needed = pooled != nullptr && (pooled->token_refused || pooled->token_expired(clock_.Now()));
  if (error.code == ErrorCode::kUnavailable || !needed) return Failed(account, std::move(error));
  HistoryOf(account).Failed(clock_.Steady());
  const std::string evidence = "its login is shared, and " + error.message;
  carry_(pool_.RefreshRefused(account, evidence, Now()));
  return Error(ErrorCode::kFailedPrecondition, evidence);
}

Awaitable<void> Refresher::EndClaim(AccountId account, std::optional<WallTime> shown_at) {
  StorageThread::Write write = [account, shown_at, node = node_](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.EndClaim(account, node, shown_at));
    return true;
  };
  // What stays there ends by its own time, and is ours to claim anew.
  (void)co_await storage_.Run<bool>(std::move(write));
}

// New tokens that the disk would not take are held in memory and offered to it until it does: they cannot be had again.
Awaitable<void> Refresher::WriteUntilDurable(AccountId account) {
  asio::steady_timer timer(io_);
  for (;;) {
    timer.expires_after(kWriteRetry);
    co_await timer.async_wait(asio::use_awaitable);
    if (book_.Find(account) == nullptr || book_.IsKept(account)) break;  // gone, or with a later write
    const auto written = co_await book_.WriteTokens(account);
    if (!written.ok() && written.error().code != ErrorCode::kNotFound) continue;
    log::Info("token.durable", {{"account", account}});
    break;
  }
  --not_durable_;
  changed_.Notify();
}

}  // namespace patchbay::accounts
