// What failures and our own checks mean for accounts (architecture §5.1).
#include <algorithm>

#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// How long "this account cannot serve this model" is believed where no list of its provider ever says otherwise.
constexpr std::chrono::hours kModelRefusalTtl{24};
constexpr std::size_t kModelRefusalsMax = 64;
// A throttle whose end the provider does not name: most accounts serve again within seconds (account-pools §1.3).
constexpr milliseconds kThrottleFirst{5'000};
constexpr milliseconds kThrottleLongest{60'000};
// A refusal without a word why: until it has been looked at, or has passed.
constexpr milliseconds kSuspicionFirst{30'000};
constexpr milliseconds kSuspicionLongest{600'000};
// Tries again on the account that throttled a request, 1, 2 and 4 s later, and all such waits of one request.
constexpr int kInPlaceMax = Patience::kMost;
constexpr milliseconds kInPlaceFirst{1'000};

AccountState StateOf(Effect effect) {
  switch (effect) {
    case Effect::kThrottle:
    case Effect::kSuspect: return AccountState::kThrottled;
    case Effect::kExhaust: return AccountState::kExhausted;
    case Effect::kRefresh: return AccountState::kExpired;
    case Effect::kBan: return AccountState::kBanned;
    case Effect::kNone:
    case Effect::kOverload:
    case Effect::kModelUnsupported: return AccountState::kActive;
  }
  return AccountState::kActive;
}

// How long the account rests where its provider does not say. The calls of one burst are one strike.
milliseconds RestOf(PoolAccount& account, Effect effect, const Caller& caller) {
  const bool suspect = effect == Effect::kSuspect;
  Strikes& strikes = suspect ? account.suspicions : account.throttles;
  const bool resting = account.mark.state == AccountState::kThrottled && account.suspected == suspect;
  const int count = resting && strikes.count > 0 ? strikes.count : strikes.Add(caller);
  const int doublings = std::min(count - 1, 10);
  return suspect ? std::min(kSuspicionFirst * (1 << doublings), kSuspicionLongest)
                 : std::min(kThrottleFirst * (1 << doublings), kThrottleLongest);
}

}  // namespace

AccountPool::Next AccountPool::NextOf(const Request& request, const Verdict& verdict) {
  switch (verdict.elsewhere) {
    case Elsewhere::kNo: return Next::kStop;
    case Elsewhere::kOther:
    case Elsewhere::kSameToo: return Next::kElsewhere;
    case Elsewhere::kUnsealed: return request.unsealed ? Next::kStop : Next::kUnsealed;
  }
  return Next::kStop;
}

AccountPool::Next AccountPool::Judge(Request& request, PoolAccount& account, std::int64_t credential_version,
                                     const FailureFacts& failure, const QuotaFacts& quota, Verdict& verdict,
                                     const Moment& now) {
  if (account.facts.is_callers && verdict.fault == Fault::kAccount) {
    verdict.fault = Fault::kRequest;
    verdict.effect = Effect::kNone;
    verdict.elsewhere = Elsewhere::kNo;
  }
  events_.push_back(Judged{request.id, account.facts.id, verdict.rule, verdict.fault, verdict.effect, verdict.evidence,
                           request.failure, request.frontend});
  if (verdict.effect == Effect::kOverload) {
    Overloaded(request, account, now);
  } else if (verdict.fault == Fault::kPath) {
    Answered(request, account, Answer::kFailedOnTheWay, now);
  } else if (verdict.fault != Fault::kGateway) {
    Answered(request, account, Answer::kRefused, now);
  }
  const Next elsewhere = NextOf(request, verdict);
  const std::string signature = Signature(failure, verdict);
  switch (verdict.effect) {
    case Effect::kNone:
    case Effect::kOverload: return elsewhere;
    case Effect::kModelUnsupported:
      if (account.model_refusals.size() >= kModelRefusalsMax) {
        account.model_refusals.erase(
            std::min_element(account.model_refusals.begin(), account.model_refusals.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; }));
      }
      account.model_refusals[request.wire_model] = now.steady + kModelRefusalTtl;
      prospects_changed_ = true;
      events_.push_back(ModelRefused{account.facts.id, request.wire_model});
      return elsewhere;
    case Effect::kRefresh: {
      // A token that was refused when it was fresh is not renewed for each refusal without a cause.
      const bool refused_fresh =
          verdict.evidence == Evidence::kWeak && account.refused_fresh == account.facts.credential_version;
      const bool first_time = !refused_fresh && !request.refreshed.contains(account.facts.id);
      // The same answer from a second account: not worth a refresh token.
      if (verdict.evidence == Evidence::kWeak && request.damage && request.damage->account != account.facts.id &&
          request.damage->signature == signature)
        break;
      if (first_time && account.facts.credential_version > credential_version) {
        request.refreshed.insert(account.facts.id);
        return Next::kRefreshed;  // somebody refreshed it meanwhile
      }
      if (first_time && account.facts.has_refresh_token && account.mark.state != AccountState::kExpired) {
        request.refreshed.insert(account.facts.id);
        request.refusal = signature;
        if (!account.token_refused) events_.push_back(RefreshWanted{account.facts.id, request.failure});
        account.token_refused = true;
        return Next::kRefreshed;
      }
      break;
    }
    case Effect::kExhaust:
      if (!quota.active_limit.empty() && verdict.evidence == Evidence::kStrong) {
        // It is that limit's quota, and the account serves other models.
        limits_of_models_[{account.facts.provider, request.wire_model}] = quota.active_limit;
        const auto full_until = account.quota.FullUntil(now.wall, quota.active_limit);
        const WallTime until = verdict.until.value_or(full_until.value_or(now.wall + settings_.recheck_max));
        Spend(account, request.wire_model, {quota.active_limit, request.failure, now.wall, until});
        return elsewhere;
      }
      if (account.contradiction.lifted) {
        account.contradiction.lifted = false;
        ++account.contradiction.in_vain;
        account.contradiction.last_at = now.steady;
      }
      break;
    case Effect::kThrottle:
    case Effect::kSuspect:
    case Effect::kBan: break;
  }
  const bool of_its_token = verdict.effect == Effect::kRefresh;
  // A 401 that names no cause may be the way's or the request's doing: its usage endpoint is asked before it needs a
  // login (account-pools §4). Of a key there is nobody to ask.
  if (of_its_token && verdict.evidence == Evidence::kWeak && account.facts.logs_in) verdict.effect = Effect::kSuspect;
  Mark mark{StateOf(verdict.effect), request.failure, now.wall, verdict.until, request.id};
  if (of_its_token) {
    mark.evidence += account.facts.has_refresh_token ? ", with a fresh token too" : ", and it has no refresh token";
  }
  const Next next = Blame(request, account, std::move(mark), signature, verdict, now);
  if (of_its_token && account.suspected) {
    account.token_suspected = true;
    account.refused_fresh = account.facts.credential_version;
  }
  return next;
}

AccountPool::Next AccountPool::Blame(Request& request, PoolAccount& account, Mark mark, const std::string& signature,
                                     Verdict& verdict, const Moment& now) {
  const Next elsewhere = NextOf(request, verdict);
  // A lighter mark does not replace a heavier one.
  const bool lighter = Severity(mark.state) < Severity(account.mark.state);
  if (verdict.evidence == Evidence::kStrong) {
    // It speaks of this account, whatever others answer.
    if (request.damage && request.damage->account == account.facts.id) request.damage->undoable = false;
    if (!lighter) SetMark(account, std::move(mark), now);
    return elsewhere;
  }
  const bool throttle = verdict.effect == Effect::kThrottle;
  if (request.damage && request.damage->account != account.facts.id) {
    if (request.damage->signature == signature) {
      // A limit of moments that two have may be the request's, or everybody's: it goes on, and blames nobody.
      if (throttle) {
        UndoDamage(request, mark.evidence, now);
        return elsewhere;
      }
      TurnIntoRequestFault(request, account, mark.evidence, verdict, now);
      return Next::kStop;
    }
    // This request has had its one mark. What it saw here is a suspicion; the account is asked by ourselves.
    if (!throttle) WantUsage(account, now);
    return elsewhere;
  }
  if (lighter) return elsewhere;
  const bool rests = throttle || verdict.effect == Effect::kSuspect;
  if (rests && account.mark.state == AccountState::kThrottled) {
    // One penalty a request, and none is made shorter by another call of the same burst.
    if (request.damage && !mark.until) return elsewhere;
    if (!mark.until) mark.until = now.wall + RestOf(account, verdict.effect, CallerOf(request));
    if (account.mark.until && *account.mark.until >= *mark.until) return elsewhere;
  }
  if (rests && !mark.until) mark.until = now.wall + RestOf(account, verdict.effect, CallerOf(request));
  if (!request.damage) request.damage = Damage{account.facts.id, account.mark, signature, true};
  SetMark(account, std::move(mark), now);
  if (verdict.effect == Effect::kSuspect) {
    account.suspected = true;
    WantUsage(account, now);
  }
  return elsewhere;
}

void AccountPool::UndoDamage(Request& request, const std::string& what, const Moment& now) {
  PoolAccount* first = Get(request.damage->account);
  // Only what this very request has marked is undone, and only while nothing else has been learnt.
  if (first == nullptr || !request.damage->undoable || first->mark.request != request.id) return;
  if (first->mark.state == AccountState::kThrottled) {
    (first->suspected ? first->suspicions : first->throttles).TakeBack();
  }
  Mark before = request.damage->before;
  SetMark(*first,
          {before.state, "undone: a second account answered the same (" + what + ")", now.wall, before.until,
           before.request},
          now);
}

void AccountPool::TurnIntoRequestFault(Request& request, PoolAccount& second, const std::string& what, Verdict& verdict,
                                       const Moment& now) {
  UndoDamage(request, what, now);
  // Should both accounts really be in that state, their own usage endpoint will say so.
  if (PoolAccount* first = Get(request.damage->account)) WantUsage(*first, now);
  WantUsage(second, now);
  request.damage.reset();
  verdict.fault = Fault::kRequest;
  verdict.effect = Effect::kNone;
  verdict.elsewhere = Elsewhere::kNo;
  request.failure = "two accounts answered the same: " + what;
}

// Not elsewhere at once: its conversation's caches are there, most such limits end within seconds, and not every client
// tries a 429 again by itself (account-pools §1.3). A request that lives nowhere takes an account that is free.
std::optional<milliseconds> AccountPool::WaitInPlace(const Request& request, const PoolAccount& account,
                                                     const Verdict& verdict, const Moment& now) {
  if (verdict.effect != Effect::kThrottle || request.in_place >= kInPlaceMax) return std::nullopt;
  milliseconds wait = kInPlaceFirst * (1 << request.in_place);
  if (verdict.until) wait = std::max(wait, *verdict.until - now.wall);
  if (!request.affinity_key.empty() && !account.patience.Allows(CallerOf(request), wait)) return std::nullopt;
  if (request.waited_in_place + wait > Patience::kLongest || now.steady + wait >= request.deadline) return std::nullopt;
  if (BlockOf(account, request.provider, request.wire_model, now, /*despite_throttle=*/true) != Block::kNone) {
    return std::nullopt;
  }
  if (request.bound || !request.pinned.empty()) return wait;
  const auto& accounts = AccountsOf(request.provider);
  const bool may_move =
      AttemptsCounted(request) < settings_.attempts_max &&
      (NextProviderServes(request, now) || std::any_of(accounts.begin(), accounts.end(), [&](const PoolAccount* other) {
         return other != &account && FullBlock(*other, request, now) == Block::kNone;
       }));
  return may_move ? std::nullopt : std::optional(wait);
}

void AccountPool::SetMark(PoolAccount& account, Mark mark, const Moment& now) {
  if (mark.state == AccountState::kExhausted && !mark.until) mark.until = now.wall + settings_.recheck_max;
  Touch(account);
  const AccountState from = account.mark.state;
  account.mark = std::move(mark);
  standings_.Count(account);
  account.suspected = false;
  account.token_suspected = false;
  prospects_changed_ = true;
  account.release_at.reset();
  if (account.mark.until && account.mark.state != AccountState::kActive) {
    account.release_at = now.steady + (*account.mark.until - now.wall);
  }
  if (account.mark.state == AccountState::kExhausted) {
    account.check_at = now.steady + CheckDelay(account.checks);
  } else {
    account.check_at.reset();
  }
  events_.push_back(MarkChanged{account.facts.id, from, account.mark});
}

PoolEvents AccountPool::RefreshSucceeded(const AccountId& id, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  account->token_refused = false;
  if (account->mark.state == AccountState::kExpired) {
    SetMark(*account, {AccountState::kActive, "its token was refreshed", now.wall, std::nullopt, {}}, now);
  }
  Pump(now);
  return Said();
}

PoolEvents AccountPool::RefreshRefused(const AccountId& id, const std::string& evidence, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  account->token_refused = false;
  if (account->mark.state != AccountState::kBanned) {
    SetMark(*account, {AccountState::kExpired, evidence, now.wall, std::nullopt, {}}, now);
  }
  // Requests that waited for this refresh have had their one mark: it is the refused refresh token.
  for (auto& [serial, request] : requests_) {
    if (!request.waiting || !request.refreshed.contains(id)) continue;
    request.tried.insert(id);
    if (!request.damage && request.refusal) request.damage = Damage{id, account->mark, *request.refusal, false};
  }
  CheckWaiting(now);
  Pump(now);
  return Said();
}

PoolEvents AccountPool::RefreshFailed(const AccountId& id, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  account->token_refused = false;
  for (auto& [serial, request] : requests_) {
    if (request.waiting && request.refreshed.contains(id)) request.tried.insert(id);
  }
  CheckWaiting(now);
  Pump(now);
  return Said();
}

}  // namespace patchbay::accounts
