#include "workers/accounts/tokens/refresher.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"
#include "workers/accounts/login/requests.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff{5'000};
constexpr milliseconds kLongestBackoff{300'000};
// A refresh that failed this recently is not tried again for a request that waits.
constexpr milliseconds kMoment{1'000};
constexpr milliseconds kWriteRetry{1'000};

// Between 0 and 1, the same for an account at every start: spreads refreshes of accounts that were added together.
double Spread(const AccountId& account) {
  return static_cast<double>(std::hash<std::string>{}(account.str()) % 1000) / 1000.0;
}

}  // namespace

void Refresher::Resume(const std::vector<RefreshIntent>& intents) {
  for (const RefreshIntent& intent : intents) {
    log::Warn("token.refresh_interrupted", {{"account", intent.account}, {"started_at", Rfc3339(intent.started_at)}});
    history_[intent.account].unanswered_since = intent.started_at;
    Start(intent.account, "a refresh was interrupted by a restart");
  }
}

void Refresher::Want(const AccountId& account, const std::string& why) {
  if (flights_.contains(account)) return;  // its end tells the pool
  const auto known = history_.find(account);
  if (known != history_.end() && known->second.failures > 0 && clock_.Steady() - known->second.last_try < kMoment) {
    carry_(pool_.RefreshFailed(account, {clock_.Now(), clock_.Steady()}));
    return;
  }
  Start(account, why);
}

Awaitable<Result<void>> Refresher::RefreshNow(AccountId account) {
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

bool Refresher::Due(const StoredAccount& account, const History* history) const {
  if (account.tokens.refresh.empty() || !account.enabled || flights_.contains(account.ref)) return false;
  const PoolAccount* pooled = pool_.Find(account.ref);
  if (pooled == nullptr || pooled->mark.state == AccountState::kBanned || pooled->mark.state == AccountState::kExpired)
    return false;
  if (history != nullptr && clock_.Steady() < history->next_try) return false;
  // Whether an unanswered refresh has spent the token is better known now than on the day it is needed.
  if (account.tokens.access.empty() || (history != nullptr && history->unanswered_since)) return true;
  const auto expires_at = book_.TokenExpiry(account.ref);
  if (!expires_at) return false;
  const Provider* provider = providers_.Find(account.provider);
  const milliseconds own =
      provider == nullptr ? milliseconds(0) : ToMilliseconds(provider->row.auth().oauth().refresh_skew());
  const milliseconds skew = own.count() > 0 ? own : skew_;
  // Up to 15 % earlier, so that accounts do not all refresh at once.
  const auto early =
      skew + milliseconds(static_cast<std::int64_t>(0.15 * Spread(account.ref) * static_cast<double>(skew.count())));
  return *expires_at - clock_.Now() <= early;
}

void Refresher::Tick() {
  int room = kFlightsMax - static_cast<int>(flights_.size());
  if (room <= 0) return;
  for (const StoredAccount* account : book_.All()) {
    const auto known = history_.find(account->ref);
    if (!Due(*account, known == history_.end() ? nullptr : &known->second)) continue;
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
}

void Refresher::BackOff(History& history) {
  const milliseconds base = std::min(kFirstBackoff * (1 << std::min(2 * history.failures, 12)), kLongestBackoff);
  ++history.failures;
  history.next_try = clock_.Steady() + base;
}

Awaitable<Result<void>> Refresher::Refresh(AccountId account) {
  const StoredAccount* stored = book_.Find(account);
  if (stored == nullptr) co_return Error(ErrorCode::kNotFound, "no such account");
  const Provider* row = providers_.Find(stored->provider);
  const Login* login = LoginOf(row);
  if (login == nullptr) {
    BackOff(history_[account]);
    carry_(pool_.RefreshFailed(account, {clock_.Now(), clock_.Steady()}));
    co_return Error(ErrorCode::kFailedPrecondition, "the configuration has no provider with such logins any more");
  }
  TokenRequest request = RefreshRequest(row->row.auth().oauth(), stored->tokens.refresh);
  LoginRoad road{stored->provider, stored->egress, account.str()};
  const RefreshIntent intent{account, stored->credential_version, clock_.Now()};
  const auto now = [this] { return Moment{clock_.Now(), clock_.Steady()}; };

  StorageThread::Write write = [intent](Store& store) -> Result<bool> {
    RETURN_IF_ERROR(store.PutIntent(intent));
    return true;
  };
  const auto ahead = co_await storage_.Run<bool>(std::move(write));
  history_[account].last_try = clock_.Steady();
  if (!ahead.ok()) {
    // Not written ahead, so not sent: a crash now would lose the login.
    BackOff(history_[account]);
    log::Warn("token.refresh_failed", {{"account", account}, {"error", ahead.error().message}});
    carry_(pool_.RefreshFailed(account, now()));
    co_return ahead.error();
  }

  const auto answer = co_await fetcher_.Post(LoginEndpoint::kToken, std::move(road), std::move(request));
  History& history = history_[account];
  if (!answer.ok()) {
    if (!history.unanswered_since) history.unanswered_since = intent.started_at;
    BackOff(history);
    log::Warn("token.refresh_failed", {{"account", account}, {"error", answer.error().message}});
    carry_(pool_.RefreshFailed(account, now()));
    co_return Error(ErrorCode::kUnavailable, "the token endpoint did not answer: " + answer.error().message);
  }

  RefreshReply reply = login->read_refresh(answer->status, answer->body.Reveal());
  switch (reply.kind) {
    case RefreshReply::Kind::kTokens: {
      history = History{};
      history.last_try = clock_.Steady();
      const bool has_access = !reply.access.empty();
      if (!has_access) history.next_try = clock_.Steady() + kLongestBackoff;  // nothing newer to be had yet
      Tokens tokens;
      tokens.access = std::move(reply.access);
      tokens.refresh = std::move(reply.refresh);
      tokens.id = std::move(reply.id);
      auto written = co_await book_.ApplyTokens(account, std::move(tokens), reply.expires_in);
      if (!written.ok() && written.error().code != ErrorCode::kNotFound) {
        log::Error("token.not_durable", {{"account", account}, {"error", written.error().message}});
        spawn_("token.write", WriteUntilDurable(account));
      }
      log::Info("token.refreshed", {{"account", account}, {"durable", written.ok()}});
      carry_(pool_.RefreshSucceeded(account, now()));
      co_return written;
    }
    case RefreshReply::Kind::kPermanent: {
      std::string evidence = reply.evidence;
      if (history.unanswered_since && reply.spent) {
        evidence += "; a refresh begun at " + Rfc3339(*history.unanswered_since) +
                    " was interrupted before its answer was kept, so most likely it was ours";
      }
      history = History{};
      StorageThread::Write write = [account](Store& store) -> Result<bool> {
        RETURN_IF_ERROR(store.RemoveIntent(account));
        return true;
      };
      (void)co_await storage_.Run<bool>(std::move(write));
      carry_(pool_.RefreshRefused(account, evidence, now()));
      co_return Error(ErrorCode::kFailedPrecondition, evidence);
    }
    case RefreshReply::Kind::kTransient: break;
  }
  // A whole answer that is no refusal: the token was not taken. The intent stays until the next try overwrites it
  // only when an earlier one went unanswered.
  BackOff(history);
  if (!history.unanswered_since) {
    StorageThread::Write write = [account](Store& store) -> Result<bool> {
      RETURN_IF_ERROR(store.RemoveIntent(account));
      return true;
    };
    (void)co_await storage_.Run<bool>(std::move(write));
  }
  log::Warn("token.refresh_failed", {{"account", account}, {"error", reply.evidence}});
  carry_(pool_.RefreshFailed(account, now()));
  co_return Error(ErrorCode::kUnavailable, reply.evidence);
}

// New tokens that the disk would not take are held in memory and offered to it until it does: they cannot be had again.
Awaitable<void> Refresher::WriteUntilDurable(AccountId account) {
  asio::steady_timer timer(io_);
  for (;;) {
    timer.expires_after(kWriteRetry);
    co_await timer.async_wait(asio::use_awaitable);
    const auto written = co_await book_.WriteTokens(account);
    if (written.ok() || written.error().code == ErrorCode::kNotFound) {
      log::Info("token.durable", {{"account", account}});
      co_return;
    }
  }
}

}  // namespace patchbay::accounts
