// Quota that is kept: while less than a share of a window is left, an account serves only the keys that it is kept for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workers/accounts/pool/account.h"

namespace patchbay::accounts {

struct Reserve {
  double percent = 0;              // of the window
  std::chrono::seconds window{0};  // its length
  std::vector<std::string> keys;   // names of client keys
  std::vector<std::string> tags;   // of the accounts that have one of them; empty: of all
  std::string provider;            // empty: of every one

  // "the last 10 % of 7d for team-ci"
  std::string Describe() const;
};

// A set of reserves, by their place in the configuration.
using ReserveSet = std::uint32_t;
inline constexpr std::size_t kReservesMax = 32;

// Those of `reserves` that hold `account` back now.
ReserveSet Holding(const std::vector<Reserve>& reserves, const PoolAccount& account, WallTime now);
// Those that are kept for the key of this name.
ReserveSet KeptFor(const std::vector<Reserve>& reserves, const std::string& key);
// When the last of the windows that hold `account` back for `held` begins anew; nothing when one of them does not say.
std::optional<WallTime> HeldUntil(const std::vector<Reserve>& reserves, ReserveSet held, const PoolAccount& account,
                                  WallTime now);

}  // namespace patchbay::accounts
