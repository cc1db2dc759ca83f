// Which of the accounts that could serve a request should.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "workers/accounts/pool/account.h"

namespace patchbay::accounts {

enum class Strategy {
  kLeastUsed,   // fewest leases in flight, then most headroom in the tightest window, then least recently used
  kRoundRobin,  // in the order accounts were added, going on after the one served last
  kSticky,      // the one served last, as long as it can
};

std::string_view ToString(Strategy strategy);
std::optional<Strategy> ParseStrategy(std::string_view text);

// Null when there are no candidates. `last_order` is AccountFacts::order of the account served last: the turn is
// kept by identity, not by an index, so members that come and go do not skew it.
PoolAccount* Choose(Strategy strategy, std::span<PoolAccount* const> candidates, std::int64_t last_order, WallTime now);

}  // namespace patchbay::accounts
