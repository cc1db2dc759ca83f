// What stands in the way of a provider's accounts, all taken together: whether waiting makes sense, and for how long.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "lib/base/clock.h"
#include "workers/accounts/pool/plights.h"

namespace patchbay::accounts {

struct Prospect {
  bool soon = false;  // one serves, or will with the next free slot, new token or way that is open again
  bool exhausted = false;
  bool throttled = false;
  bool path = false;
  bool model = false;      // one refuses the model
  bool tried = false;      // the request has tried one
  bool operators = false;  // one needs a person
  // When the first of them is back: of those that the request may still ask, and of those that it has tried.
  std::optional<WallTime> back_at;
  std::optional<WallTime> tried_back_at;
  std::chrono::milliseconds path_pause{0};
  Plights plights;

  static void Earlier(std::optional<WallTime>& at, std::optional<WallTime> other) {
    if (other && (!at || *other < *at)) at = other;
  }
};

// Prospects that are the same for many requests, until an account's availability changes: to look at ten thousand
// accounts for each request that an exhausted pool denies would be felt.
class Prospects {
 public:
  static constexpr std::size_t kMax = 256;

  template <class Look>
  const Prospect& Get(const std::string& key, const Look& look) {
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    if (known_.size() >= kMax) known_.clear();
    return known_[key] = look();
  }
  void Forget() { known_.clear(); }

 private:
  std::unordered_map<std::string, Prospect> known_;
};

}  // namespace patchbay::accounts
