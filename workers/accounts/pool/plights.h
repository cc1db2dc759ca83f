// How many accounts are in which plight, and when the first of each is out of it: what a denial says in a few words.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "workers/accounts/pool/account.h"

namespace patchbay::accounts {

class Plights {
 public:
  // Of another provider, or not one that would do for the request: it is not counted.
  void Add(Block block, std::optional<WallTime> until);
  // "2 exhausted, the first until 2026-08-22T14:05:00Z, 1 banned"
  std::string Text() const;

 private:
  static constexpr std::size_t kCount = 14;
  std::array<int, kCount> counts_{};
  std::array<std::optional<WallTime>, kCount> earliest_{};
};

}  // namespace patchbay::accounts
