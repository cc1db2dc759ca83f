// Choosing an account for a request, letting it wait, and telling it that waiting is no use.
#include <algorithm>

#include "lib/base/text.h"
#include "workers/accounts/pool/pool.h"
#include "workers/accounts/pool/tags.h"

namespace patchbay::accounts {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// A conversation waits this long for its own account when that is merely busy; then another serves.
constexpr milliseconds kAffinityPatience{5000};
// When the queue is full, its end is seldom further away.
constexpr milliseconds kQueueFullRetryAfter{1000};

}  // namespace

bool AccountPool::TellsMore(const Denied& a, const Denied& b) {
  const auto weight = [](const Denied& denied) { return denied.available_at || denied.retry_after ? 1 : 0; };
  if (weight(a) != weight(b)) return weight(a) > weight(b);
  return !a.available_at || !b.available_at || *a.available_at < *b.available_at;
}

Block AccountPool::FullBlock(const PoolAccount& account, const Request& request, const Moment& now) const {
  const bool in_place = request.stay && request.stay->despite_throttle && request.stay->account == account.facts.id;
  const Block block = BlockOf(account, request.provider, request.wire_model, now, in_place);
  if (block == Block::kOtherProvider || block == Block::kDisabled) return block;
  if (!request.pinned.empty() && request.pinned != account.facts.id) return Block::kPinned;
  if (!request.tags.empty() && !HasAny(account.facts.tags, request.tags)) return Block::kTags;
  if (!request.tried.empty() && request.tried.contains(account.facts.id)) return Block::kTried;
  if (!request.refused.empty() && request.refused.contains(account.facts.id)) return Block::kModel;
  if (!request.lacking_plans.empty() && (block == Block::kNone || MayPass(block))) {
    const auto& plans = request.lacking_plans;
    if (std::find(plans.begin(), plans.end(), account.facts.plan) != plans.end()) return Block::kModel;
  }
  if (block != Block::kNone) return block;
  if (!settings_.reserves.empty() && (Holding(settings_.reserves, account, now.wall) & ~request.kept_for) != 0) {
    return Block::kReserved;
  }
  if (!ways_.empty() && Blocking(account, request.wire_model, CallerOf(request), now) != nullptr) return Block::kPath;
  return account.open >= settings_.slots_per_account ? Block::kSlots : Block::kNone;
}

AccountPool::Picked AccountPool::Pick(Request& request, const Moment& now) {
  Picked picked;
  if (request.stay) {
    if (now.steady < request.stay->not_before) return picked;
    PoolAccount* account = Get(request.stay->account);
    const Block block = account == nullptr ? Block::kDisabled : FullBlock(*account, request, now);
    if (block == Block::kNone) {
      picked.account = account;
      picked.reason = request.stay->why;
    }
    if (block == Block::kNone || block == Block::kRefreshing || block == Block::kSlots) return picked;
    request.stay.reset();
  }
  request.bound = false;
  PoolAccount* home = nullptr;
  if (!request.affinity_key.empty()) {
    const auto bound = affinity_.Find(request.affinity_key, now.steady);
    PoolAccount* account = bound ? Get(*bound) : nullptr;
    if (account != nullptr && request.attempts == 0) request.home = *bound;
    if (account != nullptr) {
      const Block block = FullBlock(*account, request, now);
      if (block == Block::kNone && !request.avoid.contains(*bound) && !account->overload.isolates(now.steady)) {
        picked.account = account;
        picked.reason = "affinity";
        request.bound = true;
        return picked;
      }
      const auto& until = account->mark.until;
      const bool a_moment = block == Block::kThrottled && until && *until - now.wall <= kAffinityPatience &&
                            account->patience.Allows(CallerOf(request), *until - now.wall);
      if (block == Block::kSlots || block == Block::kRefreshing || a_moment) {
        if (!request.pinned_until) request.pinned_until = now.steady + kAffinityPatience;
        if (now.steady < std::min(*request.pinned_until, request.deadline)) return picked;
      }
      picked.moved_from = bound->str();
      const bool avoided = request.avoid.contains(*bound);
      picked.moved_why = avoided ? request.failure : Why(*account, block, request.wire_model, now);
      if (block == Block::kTried) picked.moved_why += ": " + request.failure;
      picked.substitutes = request.home == *bound && OnlyForTheMoment(*account, block, request, now);
      home = picked.substitutes ? account : nullptr;
      if (PoolAccount* substitute = home != nullptr ? SubstituteOf(request, now) : nullptr) {
        picked.account = substitute;
        picked.reason = "substitute";
        return picked;
      }
    }
  }
  picked.account = Choose(request, now);
  picked.reason = ToString(settings_.strategy);
  picked.in_turn = true;
  if (home != nullptr && picked.account == home) picked.substitutes = false;  // nobody else can
  return picked;
}

PoolAccount* AccountPool::Choose(const Request& request, const Moment& now) {
  if (!request.pinned.empty()) {
    PoolAccount* account = Get(request.pinned);
    return account != nullptr && FullBlock(*account, request, now) == Block::kNone ? account : nullptr;
  }
  const ReadyAccounts& ready = Ready(now);
  const auto may = [&](const ReadyAccounts::Shelf& shelf) {
    return MayServe(shelf, request, request.wire_model, request.lacking_plans, now);
  };
  const auto serves = [&](const PoolAccount& account) { return FullBlock(account, request, now) == Block::kNone; };
  const auto avoids = [&](const PoolAccount& account) {
    return !request.avoid.empty() && request.avoid.contains(account.facts.id);
  };
  // Those that are held for overload serve new work only where nobody else can, and those to avoid after these.
  bool held = false, avoided = false;
  PoolAccount* best = ready.Best(request.provider, may, [&](const PoolAccount& account) {
    if (!serves(account)) return false;
    const bool shunned = avoids(account), holds = account.overload.holds(now.steady);
    avoided = avoided || shunned;
    held = held || (holds && !shunned);
    return !shunned && !holds;
  });
  if (best == nullptr && held) {
    best = ready.Best(request.provider, may,
                      [&](const PoolAccount& account) { return !avoids(account) && serves(account); });
  }
  return best == nullptr && avoided ? ready.Best(request.provider, may, serves) : best;
}

// Whether its accounts can serve anything but what the state of each forbids.
bool AccountPool::MayServe(const ReadyAccounts::Shelf& shelf, const Request& request, const std::string& wire_model,
                           const std::vector<std::string>& lacking_plans, const Moment& now) const {
  if (std::find(lacking_plans.begin(), lacking_plans.end(), shelf.plan) != lacking_plans.end()) return false;
  if (!HasAny(shelf.tags, request.tags) || (shelf.held & ~request.kept_for) != 0) return false;
  return Blocking(shelf.provider, shelf.egress, wire_model, CallerOf(request), now) == nullptr;
}

void AccountPool::Serve(Request& request, bool first_in_line, const Moment& now) {
  Picked picked = Pick(request, now);
  // Rather than to wait for an account, or to ask the same again after a failure, another provider's is taken.
  const auto has_better = [&] {
    const bool poor = picked.account == nullptr || request.avoid.contains(picked.account->facts.id);
    return poor && NextProviderServes(request, now);
  };
  std::optional<Denied> denied, telling;
  for (;;) {
    denied = picked.account == nullptr ? Hopeless(request, now) : std::nullopt;
    if (denied && (!telling || TellsMore(*denied, *telling))) telling = denied;
    if (!(denied || has_better()) || !TakeNextModel(request, now)) break;
    picked = Pick(request, now);
  }
  if (picked.account != nullptr) {
    Grant(request, picked, now);
  } else if (denied) {
    Deny(request, std::move(*telling));
  } else if (queue_.size() >= settings_.queue_max) {
    Denied full = MakeDenied(request, DenyCode::kQueueFull, "too many requests are waiting for an account", now);
    full.retry_after = kQueueFullRetryAfter;
    Deny(request, std::move(full));
  } else {
    Enqueue(request, first_in_line, now);
  }
}

bool AccountPool::NextProviderServes(const Request& request, const Moment& now) {
  if (request.others == nullptr || request.others_used >= request.others->size()) return false;
  const ModelTerms& next = (*request.others)[request.others_used];
  // Not while it waits for the one account that will do.
  const bool waits_for_one =
      !request.pinned.empty() || request.stay || (request.pinned_until && now.steady < *request.pinned_until);
  if (next.provider == request.provider || waits_for_one) return false;
  const HeldFor held_for = HeldForOf(next.provider, next.wire_model, next.terms);
  if (request.hold != nullptr && !request.hold->HasRoomFor(held_for, now)) return false;
  const auto may = [&](const ReadyAccounts::Shelf& shelf) {
    return MayServe(shelf, request, next.wire_model, next.lacking_plans, now);
  };
  const auto serves = [&](const PoolAccount& account) {
    const AccountId& id = account.facts.id;
    return BlockOf(account, next.provider, next.wire_model, now) == Block::kNone && !request.tried.contains(id) &&
           !request.avoid.contains(id);
  };
  return Ready(now).Best(next.provider, may, serves) != nullptr;
}

bool AccountPool::TakeNextModel(Request& request, const Moment& now) {
  while (request.others != nullptr && request.others_used < request.others->size()) {
    const ModelTerms& next = (*request.others)[request.others_used];
    // What another provider's accounts can do does not depend on these. A pinned request has but one.
    const bool elsewhere = next.provider != request.provider && request.pinned.empty();
    if (!elsewhere && !ProspectOf(request, now).model) return false;
    ++request.others_used;
    // Its client key has no room left for a call on that one.
    const HeldFor held_for = HeldForOf(next.provider, next.wire_model, next.terms);
    if (request.hold != nullptr && !request.hold->MoveTo(held_for, now)) continue;
    TakeTerms(request, next);
    request.attempts_before = request.attempts;
    request.attempts_free = 0;
    request.refused.clear();
    request.verdict.reset();
    return true;
  }
  return false;
}

void AccountPool::Grant(Request& request, const Picked& picked, const Moment& now) {
  PoolAccount& account = *picked.account;
  if (settings_.traced) Consider(request, now);
  Touch(account);
  const LeaseId id = make_lease_id_();
  leases_[id] = {id,       account.facts.id, request.serial, request.frontend, account.facts.credential_version,
                 now.wall, std::nullopt};
  ++account.open;
  account.used_order = next_use_++;
  account.last_used_at = now.wall;
  if (picked.in_turn && settings_.strategy == Strategy::kRoundRobin)
    turns_[{account.facts.provider, account.facts.priority}].Take(account, now.wall);
  StartOnWay(account, request, now);

  std::string reason = picked.reason;
  if (picked.substitutes) {
    BindSubstitute(request, account, now);
    reason += " (in place of " + picked.moved_from + ": " + picked.moved_why + ")";
  } else if (!request.affinity_key.empty()) {
    const auto before = affinity_.Bind(request.affinity_key, account.facts.id, now.steady);
    if (before) {
      reason += " (moved from " + before->str() + ": " + picked.moved_why + ")";
      events_.push_back(AffinityMoved{request.id, *before, account.facts.id, picked.moved_why});
    }
  }
  request.waiting = false;
  in_place_.erase(request.serial);
  request.lease = id;
  request.pinned_until.reset();
  request.stay.reset();
  request.grant = Granted{request.frontend,
                          request.id,
                          id,
                          account.facts.id,
                          account.facts.label,
                          account.facts.provider,
                          request.wire_model,
                          account.facts.credential_version,
                          ++request.attempts,
                          std::move(reason),
                          request.terms,
                          request.unsealed,
                          account.facts.is_callers};
  events_.push_back(*request.grant);
}

void AccountPool::Enqueue(Request& request, bool first_in_line, const Moment&) {
  request.waiting = true;
  if (first_in_line) {
    queue_.PushFront(request.client_key, request.serial);
  } else {
    queue_.PushBack(request.client_key, request.serial);
  }
}

void AccountPool::PumpInPlace(const Moment& now) {
  for (auto at = in_place_.begin(); at != in_place_.end();) {
    const std::uint64_t serial = *at++;  // Grant takes it out
    Request& request = requests_.at(serial);
    const bool waits = request.waiting && request.stay;
    if (waits && now.steady < request.stay->not_before) continue;
    const Picked picked = waits ? Pick(request, now) : Picked();
    if (picked.account != nullptr) {
      queue_.Remove(request.client_key, serial);
      Grant(request, picked, now);
    } else if (!request.stay) {
      in_place_.erase(serial);  // it waits like all others
    }
  }
}

void AccountPool::Pump(const Moment& now) {
  if (queue_.size() == 0) return;
  PumpInPlace(now);
  queue_.Serve([&] { return !Ready(now).empty(); },
               [&](std::uint64_t serial) {
                 Request& request = requests_.at(serial);
                 Picked picked = Pick(request, now);
                 if (picked.account == nullptr && NextProviderServes(request, now) && TakeNextModel(request, now)) {
                   picked = Pick(request, now);
                 }
                 if (picked.account == nullptr) return false;
                 Grant(request, picked, now);
                 return true;
               });
}

// Those whose time is over, and those for whom waiting stopped making sense.
void AccountPool::CheckWaiting(const Moment& now) {
  prospects_changed_ = false;
  if (queue_.size() == 0) return;
  std::vector<std::pair<std::uint64_t, Denied>> over;
  for (const auto& [serial, request] : requests_) {
    if (!request.waiting) continue;
    if (now.steady >= request.deadline) {
      // Its last chance: room may have come at this very moment.
      Request& last = requests_.at(serial);
      const Picked picked = Pick(last, now);
      if (picked.account != nullptr) {
        queue_.Remove(last.client_key, serial);
        Grant(last, picked, now);
        continue;
      }
      Denied denied = MakeDenied(request, DenyCode::kQueueTimeout, "no account became free in time", now);
      denied.retry_after = kQueueFullRetryAfter;
      over.emplace_back(serial, std::move(denied));
    } else if (auto denied = Hopeless(request, now)) {
      over.emplace_back(serial, std::move(*denied));
    }
  }
  for (auto& [serial, denied] : over) {
    Request& request = requests_.at(serial);
    queue_.Remove(request.client_key, serial);
    request.waiting = false;
    if (denied.code != DenyCode::kQueueTimeout && TakeNextModel(request, now)) {
      Serve(request, true, now);
    } else {
      Deny(request, std::move(denied));
    }
  }
}

}  // namespace patchbay::accounts
