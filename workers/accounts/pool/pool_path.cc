// What is wrong with the way to a provider, or with the provider itself, and with no account: breakers, overload, and
// who stands in for an account that cannot serve for the moment.
#include <algorithm>

#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Accounts that were held so shortly before most of them refused were the first of these.
constexpr std::chrono::minutes kSpreadsWithin{2};
// Names of models may be a client's own.
constexpr std::size_t kWaysMax = 256;

// A conversation's second account, for the moments when its own cannot serve: the same each time.
std::string SubstituteKey(const std::string& affinity_key) { return affinity_key + "\nsubstitute"; }

WallTime WallOf(SteadyTime time, const Moment& now) {
  return now.wall + duration_cast<milliseconds>(time - now.steady);
}

}  // namespace

AccountPool::Way* AccountPool::FindWay(const PoolAccount& account, const std::string& wire_model) {
  const auto found = std::find_if(ways_.begin(), ways_.end(), [&](const Way& way) {
    return way.wire_model == wire_model && way.provider == account.facts.provider && way.egress == account.facts.egress;
  });
  return found == ways_.end() ? nullptr : &*found;
}

const Breaker* AccountPool::Blocking(const std::string& provider, const std::string& egress,
                                     const std::string& wire_model, const Caller& caller, const Moment& now) const {
  for (const Way& way : ways_) {
    const bool leads =
        way.provider == provider && way.egress == egress && (way.wire_model.empty() || way.wire_model == wire_model);
    if (leads && !way.breaker.Allows(caller, now.steady)) return &way.breaker;
  }
  return nullptr;
}

void AccountPool::StartOnWay(const PoolAccount& account, const Request& request, const Moment& now) {
  keys_of_[account.facts.provider].Saw(request.client_key, now.steady);
  if (ways_.empty()) return;
  if (Way* way = FindWay(account, {})) way->breaker.Started(now.steady);
  if (Way* way = FindWay(account, request.wire_model)) way->breaker.Started(now.steady);
}

void AccountPool::Answered(const Request& request, PoolAccount& account, Answer answer, const Moment& now) {
  if (answer == Answer::kServed || answer == Answer::kRefused) {
    account.lately.Served(request.wire_model, now.steady);
    std::erase_if(ways_, [&](const Way& way) {
      return way.provider == account.facts.provider && way.egress == account.facts.egress &&
             (way.wire_model.empty() || way.wire_model == request.wire_model);
    });
    return;
  }
  prospects_changed_ = true;
  const std::string of_model = answer == Answer::kOverloaded ? request.wire_model : std::string();
  Way* way = FindWay(account, of_model);
  if (way == nullptr) {
    if (ways_.size() >= kWaysMax) ways_.erase(ways_.begin());
    way = &ways_.emplace_back(Way{account.facts.provider, account.facts.egress, of_model, {}});
  }
  const bool others_call = keys_of_[account.facts.provider].HasOtherThan(request.client_key, now.steady);
  way->breaker.Failed(CallerOf(request), others_call, request.failure, now.steady);
}

void AccountPool::Overloaded(const Request& request, PoolAccount& account, const Moment& now) {
  const std::string& model = request.wire_model;
  account.lately.Refused(model, now.steady);
  std::size_t all = 0, asked = 0, refusing = 0, held = 0;
  for (const PoolAccount* each : AccountsOf(account.facts.provider)) {
    held += each->overload.holds(now.steady) ? 1 : 0;  // also one that comes back when it is enabled
    if (!each->facts.enabled) continue;
    ++all;
    asked += each->lately.Asked(model, now.steady) ? 1 : 0;
    refusing += each->lately.Refuses(model, now.steady) ? 1 : 0;
  }
  if (!account.lately.Refuses(model, now.steady)) return;  // a stray one among many that are served
  if (refusing * 2 > asked) {
    // Most of them: the provider has too little room for this model, and those that it met first are not to blame.
    Answered(request, account, Answer::kOverloaded, now);
    if (refusing < 2) return;
    for (PoolAccount* each : AccountsOf(account.facts.provider)) {
      if (!each->lately.Refuses(model, now.steady)) continue;
      if (now.steady - each->overload.tripped_at() < kSpreadsWithin) each->overload.Pardon(now.steady);
    }
    return;
  }
  if (!account.overload.Refused(request.serial, now.steady) || (held + 1) * 2 > all) return;
  account.overload.Trip(now.steady);
  events_.push_back(
      OverloadHeld{account.facts.id, request.failure, WallOf(account.overload.until(), now), account.overload.trips()});
}

bool AccountPool::OnlyForTheMoment(const PoolAccount& account, Block block, const Request& request, const Moment& now) {
  switch (block) {
    case Block::kNone:
    case Block::kThrottled:
    case Block::kPath: return true;
    case Block::kTried:
      return BlockOf(account, request.provider, request.wire_model, now, /*despite_throttle=*/true) == Block::kNone;
    case Block::kDisabled:
    case Block::kOtherProvider:
    case Block::kBanned:
    case Block::kExpired:
    case Block::kNoToken:
    case Block::kModel:
    case Block::kPinned:
    case Block::kTags:
    case Block::kExhausted:
    case Block::kReserved:
    case Block::kLimit:
    case Block::kRefreshing:
    case Block::kSlots: return false;
  }
  return false;
}

PoolAccount* AccountPool::SubstituteOf(const Request& request, const Moment& now) {
  const auto known = affinity_.Find(SubstituteKey(request.affinity_key), now.steady);
  PoolAccount* account = known ? Get(*known) : nullptr;
  const bool serves = account != nullptr && FullBlock(*account, request, now) == Block::kNone &&
                      !request.avoid.contains(*known) && !account->overload.holds(now.steady);
  return serves ? account : nullptr;
}

void AccountPool::BindSubstitute(const Request& request, const PoolAccount& account, const Moment& now) {
  affinity_.Bind(SubstituteKey(request.affinity_key), account.facts.id, now.steady);
}

std::vector<PausedWay> AccountPool::PausedWays(const Moment& now) const {
  std::vector<PausedWay> paused;
  for (const Way& way : ways_) {
    const Breaker& breaker = way.breaker;
    if (!breaker.open()) continue;
    paused.push_back({way.provider, way.egress, way.wire_model, breaker.evidence(),
                      std::max(now.wall, WallOf(breaker.paused_until(), now)), breaker.conversations(),
                      breaker.keys()});
  }
  return paused;
}

}  // namespace patchbay::accounts
