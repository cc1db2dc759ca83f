// What failures and our own checks mean for accounts (architecture §5.1).
#include <algorithm>

#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// How long "this account cannot serve this model" is believed where no list of its provider ever says otherwise.
constexpr std::chrono::hours kModelRefusalTtl{24};
constexpr std::size_t kModelRefusalsMax = 64;
// The first look at an exhausted account; later ones double up to recheck_max.
constexpr milliseconds kFirstCheck{15'000};

int Severity(AccountState state) {
  switch (state) {
    case AccountState::kActive: return 0;
    case AccountState::kThrottled: return 1;
    case AccountState::kExhausted: return 2;
    case AccountState::kExpired: return 3;
    case AccountState::kBanned: return 4;
    case AccountState::kDisabled: return 5;
  }
  return 0;
}

AccountState StateOf(Effect effect) {
  switch (effect) {
    case Effect::kThrottle: return AccountState::kThrottled;
    case Effect::kExhaust: return AccountState::kExhausted;
    case Effect::kRefresh: return AccountState::kExpired;
    case Effect::kBan: return AccountState::kBanned;
    case Effect::kNone:
    case Effect::kModelUnsupported: return AccountState::kActive;
  }
  return AccountState::kActive;
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
                                     const FailureFacts& failure, Verdict& verdict, const Moment& now) {
  if (account.facts.is_callers && verdict.fault == Fault::kAccount) {
    verdict.fault = Fault::kRequest;
    verdict.effect = Effect::kNone;
    verdict.elsewhere = Elsewhere::kNo;
  }
  events_.push_back(Judged{request.id, account.facts.id, verdict.rule, verdict.fault, verdict.effect, request.failure});
  if (verdict.fault == Fault::kPath) {
    BreakerOf(account).Failed(request.serial, now.steady);
    prospects_changed_ = true;
  } else if (verdict.fault != Fault::kGateway && !breakers_.empty()) {
    BreakerOf(account).Reached();
  }
  const Next elsewhere = NextOf(request, verdict);
  const std::string signature = Signature(failure, verdict);
  switch (verdict.effect) {
    case Effect::kNone: return elsewhere;
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
      const bool first_time = !request.refreshed.contains(account.facts.id);
      // The same answer from a second account: not worth a refresh token.
      if (request.damage && request.damage->account != account.facts.id && request.damage->signature == signature)
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
    case Effect::kThrottle:
    case Effect::kExhaust:
    case Effect::kBan: break;
  }
  Mark mark{StateOf(verdict.effect), request.failure, now.wall, verdict.until, request.id};
  if (verdict.effect == Effect::kRefresh) {
    mark.evidence += account.facts.has_refresh_token ? ", with a fresh token too" : ", and it has no refresh token";
  }
  return Blame(request, account, std::move(mark), signature, verdict, now);
}

AccountPool::Next AccountPool::Blame(Request& request, PoolAccount& account, Mark mark, const std::string& signature,
                                     Verdict& verdict, const Moment& now) {
  const Next elsewhere = NextOf(request, verdict);
  if (request.damage && request.damage->account != account.facts.id) {
    if (request.damage->signature == signature) {
      TurnIntoRequestFault(request, account, mark.evidence, verdict, now);
      return Next::kStop;
    }
    // This request has had its one mark. What it saw here is a suspicion; the account is asked by ourselves.
    WantUsage(account);
    return elsewhere;
  }
  // A lighter mark does not replace a heavier one.
  if (Severity(mark.state) < Severity(account.mark.state)) return elsewhere;
  if (!request.damage) request.damage = Damage{account.facts.id, account.mark, signature, true};
  SetMark(account, std::move(mark), now);
  return elsewhere;
}

void AccountPool::TurnIntoRequestFault(Request& request, PoolAccount& second, const std::string& what, Verdict& verdict,
                                       const Moment& now) {
  PoolAccount* first = Get(request.damage->account);
  // Only what this very request has marked is undone, and only while nothing else has been learnt.
  if (first != nullptr && request.damage->undoable && first->mark.request == request.id) {
    Mark before = request.damage->before;
    SetMark(*first,
            {before.state, "undone: a second account answered the same (" + what + ")", now.wall, before.until,
             before.request},
            now);
  }
  // Should both accounts really be in that state, their own usage endpoint will say so.
  if (first != nullptr) WantUsage(*first);
  WantUsage(second);
  request.damage.reset();
  verdict.fault = Fault::kRequest;
  verdict.effect = Effect::kNone;
  verdict.elsewhere = Elsewhere::kNo;
  request.failure = "two accounts answered the same: " + what;
}

void AccountPool::SetMark(PoolAccount& account, Mark mark, const Moment& now) {
  if (mark.state == AccountState::kExhausted && !mark.until) mark.until = now.wall + settings_.recheck_max;
  Touch(account);
  const AccountState from = account.mark.state;
  account.mark = std::move(mark);
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

void AccountPool::MergeQuota(PoolAccount& account, const QuotaFacts& quota, const Moment& now) {
  if (account.facts.is_callers) return;
  if (account.quota.Merge(quota, now.wall)) events_.push_back(QuotaChanged{account.facts.id});
}

void AccountPool::WantUsage(PoolAccount& account) {
  if (account.checking) return;
  account.checking = true;
  events_.push_back(UsageWanted{account.facts.id});
}

milliseconds AccountPool::CheckDelay(int checks) const {
  return std::min(settings_.recheck_max, kFirstCheck * (1 << std::min(checks, 10)));
}

PoolEvents AccountPool::UsageChecked(const AccountId& id, const UsageAnswer& answer, const Moment& now) {
  PoolAccount* account = Get(id);
  if (account == nullptr) return {};
  account->checking = false;
  ++account->checks;
  const AccountState state = account->mark.state;
  if (answer.http_status == 200) {
    MergeQuota(*account, answer.quota, now);
    if (answer.quota.limit_reached && Severity(state) <= Severity(AccountState::kExhausted)) {
      SetMark(*account,
              {AccountState::kExhausted,
               "the usage endpoint says the limit is reached",
               now.wall,
               account->quota.FullUntil(now.wall),
               {}},
              now);
    } else if (!answer.quota.limit_reached && state == AccountState::kExhausted) {
      SetMark(*account, {AccountState::kActive, "the usage endpoint says there is quota", now.wall, std::nullopt, {}},
              now);
    }
  } else if (answer.cause == Cause::kDeactivated) {
    SetMark(*account,
            {AccountState::kBanned,
             "the usage endpoint answered " + std::to_string(answer.http_status) + " " + answer.code,
             now.wall,
             std::nullopt,
             {}},
            now);
  } else if (answer.http_status == 401 && Severity(state) < Severity(AccountState::kExpired)) {
    if (account->facts.has_refresh_token) {
      if (!account->token_refused) {
        account->token_refused = true;
        events_.push_back(RefreshWanted{id, "the usage endpoint answered 401"});
      }
    } else {
      SetMark(*account,
              {AccountState::kExpired,
               "the usage endpoint answered 401, and it has no refresh token",
               now.wall,
               std::nullopt,
               {}},
              now);
    }
  }
  // Nobody tells: the next call will, unless we know a time to wait for.
  if (answer.nowhere && state == AccountState::kExhausted && !account->mark.until) {
    SetMark(*account,
            {AccountState::kActive, "its provider tells of no quota: to be tried again", now.wall, std::nullopt, {}},
            now);
  }
  if (account->mark.state == AccountState::kExhausted) account->check_at = now.steady + CheckDelay(account->checks);
  CheckWaiting(now);
  Pump(now);
  return Said();
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
