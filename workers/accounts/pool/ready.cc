#include "workers/accounts/pool/ready.h"

#include <algorithm>

namespace patchbay::accounts {
namespace {

bool IsReady(const PoolAccount& account, int slots, WallTime now) {
  return account.facts.enabled && account.mark.state == AccountState::kActive && account.facts.has_access_token &&
         !account.token_refused && !account.token_expired(now) && account.open < slots;
}

}  // namespace

void ReadyAccounts::Configure(Strategy strategy, int slots_per_account) {
  strategy_ = strategy;
  slots_ = slots_per_account;
  by_provider_.clear();
  shelves_.clear();
  places_.clear();
  due_.clear();
}

void ReadyAccounts::Update(PoolAccount& account, WallTime now) {
  if (!IsReady(account, slots_, now)) return Remove(account);
  Ranking ranking = RankOf(strategy_, account, now);
  const auto expires_at = account.facts.token_expires_at;
  if (expires_at && (!ranking.until || *expires_at < *ranking.until)) ranking.until = expires_at;
  Place& place = places_[&account];
  const AccountFacts& facts = account.facts;
  const Shelf* shelf = place.shelf;
  const bool moves = shelf == nullptr || shelf->provider != facts.provider || shelf->plan != facts.plan ||
                     shelf->egress != facts.egress;
  if (moves || place.rank != ranking.rank) {
    Shelf& there = moves ? ShelfOf(facts) : *place.shelf;
    // On before off: a shelf that would be empty in between would be thrown away.
    PutOn(there, ranking.rank, account);
    if (place.shelf != nullptr) TakeOff(*place.shelf, place.rank, account);
    place.shelf = &there;
    place.rank = ranking.rank;
  }
  SetDue(place, account, ranking.until);
}

void ReadyAccounts::Remove(PoolAccount& account) {
  const auto found = places_.find(&account);
  if (found == places_.end()) return;
  SetDue(found->second, account, std::nullopt);
  TakeOff(*found->second.shelf, found->second.rank, account);
  places_.erase(found);
}

void ReadyAccounts::Advance(WallTime now) {
  while (!due_.empty() && due_.begin()->first <= now) Update(*due_.begin()->second, now);
}

std::vector<PoolAccount*> ReadyAccounts::First(const std::string& provider, std::size_t count) const {
  const auto shelves = by_provider_.find(provider);
  if (shelves == by_provider_.end() || count == 0) return {};
  std::vector<std::pair<Rank, PoolAccount*>> best;
  for (const auto& [first, shelf] : shelves->second) {
    if (best.size() == count && best.back().first < first) break;
    std::size_t taken = 0;
    for (const auto& ranked : shelf->ready) {
      if (taken++ == count || (best.size() == count && best.back().first < ranked.first)) break;
      best.insert(std::upper_bound(best.begin(), best.end(), ranked), ranked);
      if (best.size() > count) best.pop_back();
    }
  }
  std::vector<PoolAccount*> accounts;
  for (const auto& [rank, account] : best) accounts.push_back(account);
  return accounts;
}

ReadyAccounts::Shelf& ReadyAccounts::ShelfOf(const AccountFacts& facts) {
  Shelf& shelf = shelves_[{facts.provider, facts.plan, facts.egress}];
  if (shelf.ready.empty()) {
    shelf.provider = facts.provider;
    shelf.plan = facts.plan;
    shelf.egress = facts.egress;
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
  shelves_.erase({shelf.provider, shelf.plan, shelf.egress});
}

void ReadyAccounts::SetDue(Place& place, PoolAccount& account, std::optional<WallTime> due) {
  if (place.due == due) return;
  if (place.due) due_.erase({*place.due, &account});
  if (due) due_.insert({*due, &account});
  place.due = due;
}

}  // namespace patchbay::accounts
