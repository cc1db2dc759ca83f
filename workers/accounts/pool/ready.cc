#include "workers/accounts/pool/ready.h"

#include <algorithm>

namespace patchbay::accounts {
namespace {

bool IsReady(const PoolAccount& account, int slots, WallTime now) {
  return account.facts.enabled && account.mark.state == AccountState::kActive && account.facts.has_access_token &&
         !account.token_refused && !account.token_expired(now) && account.open < slots;
}

Availability AvailabilityOf(const PoolAccount& account, ReserveSet held, WallTime now) {
  return {account.facts.enabled, account.mark.state,
          account.mark.until,    account.facts.has_access_token && !account.token_expired(now),
          account.token_refused, account.model_refusals.size(),
          account.spent.size(),  held};
}

}  // namespace

void ReadyAccounts::Configure(Strategy strategy, int slots_per_account, std::vector<Reserve> reserves) {
  strategy_ = strategy;
  slots_ = slots_per_account;
  reserves_ = std::move(reserves);
  by_provider_.clear();
  shelves_.clear();
  places_.clear();
  due_.clear();
}

bool ReadyAccounts::Update(PoolAccount& account, WallTime now) {
  const Availability availability = AvailabilityOf(account, Holding(reserves_, account, now), now);
  const bool changed = availability != account.availability;
  account.availability = availability;
  if (!IsReady(account, slots_, now)) {
    Remove(account);
    return changed;
  }
  Ranking ranking = RankOf(strategy_, account, now);
  const auto expires_at = account.facts.token_expires_at;
  if (expires_at && (!ranking.until || *expires_at < *ranking.until)) ranking.until = expires_at;
  if (availability.held != 0) {
    const auto reset = account.quota.NextReset(now);
    if (reset && (!ranking.until || *reset < *ranking.until)) ranking.until = reset;
  }
  Place& place = places_[&account];
  const AccountFacts& facts = account.facts;
  const Shelf* shelf = place.shelf;
  const bool moves = shelf == nullptr || shelf->provider != facts.provider || shelf->plan != facts.plan ||
                     shelf->egress != facts.egress || shelf->tags != facts.tags || shelf->held != availability.held;
  if (moves || place.rank != ranking.rank) {
    Shelf& there = moves ? ShelfOf(facts, availability.held) : *place.shelf;
    // On before off: a shelf that would be empty in between would be thrown away.
    PutOn(there, ranking.rank, account);
    if (place.shelf != nullptr) TakeOff(*place.shelf, place.rank, account);
    place.shelf = &there;
    place.rank = ranking.rank;
  }
  SetDue(place, account, ranking.until);
  return changed;
}

void ReadyAccounts::Remove(PoolAccount& account) {
  const auto found = places_.find(&account);
  if (found == places_.end()) return;
  SetDue(found->second, account, std::nullopt);
  TakeOff(*found->second.shelf, found->second.rank, account);
  places_.erase(found);
}

bool ReadyAccounts::Advance(WallTime now) {
  bool changed = false;
  while (!due_.empty() && due_.begin()->first <= now) changed = Update(*due_.begin()->second, now) || changed;
  return changed;
}

ReadyAccounts::Shelf& ReadyAccounts::ShelfOf(const AccountFacts& facts, ReserveSet held) {
  Shelf& shelf = shelves_[{facts.provider, facts.plan, facts.egress, facts.tags, held}];
  if (shelf.ready.empty()) {
    shelf.provider = facts.provider;
    shelf.plan = facts.plan;
    shelf.egress = facts.egress;
    shelf.tags = facts.tags;
    shelf.held = held;
  }
  return shelf;
}

void ReadyAccounts::PutOn(Shelf& shelf, const Rank& rank, PoolAccount& account) {
  const bool first = shelf.ready.empty() || rank < shelf.ready.begin()->first;
  if (first) {
    auto& shelves = by_provider_[shelf.provider];
    if (!shelf.ready.empty()) shelves.erase({shelf.ready.begin()->first, &shelf});
    shelves.insert({rank, &shelf});
  }
  shelf.ready.insert({rank, &account});
}

void ReadyAccounts::TakeOff(Shelf& shelf, const Rank& rank, PoolAccount& account) {
  const auto found = shelf.ready.find({rank, &account});
  const bool first = found == shelf.ready.begin();
  shelf.ready.erase(found);
  if (!first) return;
  const auto shelves = by_provider_.find(shelf.provider);
  shelves->second.erase({rank, &shelf});
  if (!shelf.ready.empty()) {
    shelves->second.insert({shelf.ready.begin()->first, &shelf});
    return;
  }
  if (shelves->second.empty()) by_provider_.erase(shelves);
  shelves_.erase({shelf.provider, shelf.plan, shelf.egress, shelf.tags, shelf.held});
}

void ReadyAccounts::SetDue(Place& place, PoolAccount& account, std::optional<WallTime> due) {
  if (place.due == due) return;
  if (place.due) due_.erase({*place.due, &account});
  if (due) due_.insert({*due, &account});
  place.due = due;
}

}  // namespace patchbay::accounts
