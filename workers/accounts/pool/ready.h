// The accounts that could serve right now, best first: choosing costs the same with ten accounts and ten thousand.
//
// An account stands here while all that it needs by itself is there: enabled, no mark, a token, a free slot. Whether it
// will do for a request is asked of the few that are looked at. Those of one provider, plan, egress and set of tags
// share a shelf, which a request may pass over as a whole. Time moves ranks too; those that it has moved are ranked
// anew by Advance, which takes it that the calendar goes forward.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "workers/accounts/pool/reserve.h"
#include "workers/accounts/pool/strategy.h"

namespace patchbay::accounts {

// Accounts must outlive their stay: Remove comes before the end of one.
class ReadyAccounts {
 public:
  struct Shelf {
    std::string provider;
    std::string plan;
    std::string egress;
    std::vector<std::string> tags;
    ReserveSet held = 0;  // the reserves that hold its accounts back
    std::set<std::pair<Rank, PoolAccount*>> ready;
  };

  // Forgets all of them: another strategy ranks them otherwise.
  void Configure(Strategy strategy, int slots_per_account, std::vector<Reserve> reserves);
  // To be called after anything about it has changed. Whether its availability has.
  bool Update(PoolAccount& account, WallTime now);
  void Remove(PoolAccount& account);
  // Whether the availability of an account has changed by time alone.
  bool Advance(WallTime now);

  bool empty() const { return places_.empty(); }
  // The best account of `provider` that `serves`, of the shelves that `may`. Null when there is none.
  template <class May, class Serves>
  PoolAccount* Best(const std::string& provider, const May& may, const Serves& serves) const {
    const auto shelves = by_provider_.find(provider);
    if (shelves == by_provider_.end()) return nullptr;
    std::pair<Rank, PoolAccount*> best{{}, nullptr};
    for (const auto& [first, shelf] : shelves->second) {
      if (best.second != nullptr && best.first < first) break;
      if (!may(*shelf)) continue;
      for (const auto& [rank, account] : shelf->ready) {
        if (best.second != nullptr && best.first < rank) break;
        if (!serves(*account)) continue;
        best = {rank, account};
        break;
      }
    }
    return best.second;
  }
  // The best `count` accounts of `provider`, of the shelves that `may`, the best first.
  template <class May>
  std::vector<PoolAccount*> First(const std::string& provider, std::size_t count, const May& may) const {
    const auto shelves = by_provider_.find(provider);
    if (shelves == by_provider_.end() || count == 0) return {};
    std::vector<std::pair<Rank, PoolAccount*>> best;
    for (const auto& [first, shelf] : shelves->second) {
      if (best.size() == count && best.back().first < first) break;
      if (!may(*shelf)) continue;
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

 private:
  using ShelfKey = std::tuple<std::string, std::string, std::string, std::vector<std::string>, ReserveSet>;
  struct Place {
    Rank rank;
    Shelf* shelf = nullptr;
    std::optional<WallTime> due;
  };
  Shelf& ShelfOf(const AccountFacts& facts, ReserveSet held);
  void PutOn(Shelf& shelf, const Rank& rank, PoolAccount& account);
  void TakeOff(Shelf& shelf, const Rank& rank, PoolAccount& account);
  void SetDue(Place& place, PoolAccount& account, std::optional<WallTime> due);

  Strategy strategy_{};
  int slots_ = 0;
  std::vector<Reserve> reserves_;
  std::map<ShelfKey, Shelf> shelves_;  // none is empty
  // Each provider's shelves by the rank of their first.
  std::unordered_map<std::string, std::set<std::pair<Rank, Shelf*>>> by_provider_;
  std::unordered_map<PoolAccount*, Place> places_;
  std::set<std::pair<WallTime, PoolAccount*>> due_;
};

}  // namespace patchbay::accounts
