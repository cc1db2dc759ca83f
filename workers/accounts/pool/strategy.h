// Which of the accounts that could serve a request should: each has a rank, and the smallest is chosen.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workers/accounts/pool/account.h"

namespace patchbay::accounts {

enum class Strategy {
  kPaced,       // whose quota is cheapest (pace.h), then as least_used
  kLeastUsed,   // fewest leases in flight, then most headroom in the tightest window, then least recently used
  kRoundRobin,  // in turn, by weight
  kSticky,      // the one served last, as long as it can
  kFillFirst,   // the one added first, as long as it can
};

std::string_view ToString(Strategy strategy);
std::optional<Strategy> ParseStrategy(std::string_view text);

struct Rank {
  std::int64_t tier = 0;               // the operator's priority goes before everything
  std::array<std::int64_t, 3> keys{};  // the strategy's
  std::int64_t order = 0;              // of adding, so that no two are equal
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

// What the strategy ranks it by, for people: "price 0.75, 2 in flight".
std::string ScoreOf(Strategy strategy, const PoolAccount& account, WallTime now);

struct Ranking {
  Rank rank;
  std::optional<WallTime> until;  // when time alone may change it; nothing: never
};

Ranking RankOf(Strategy strategy, const PoolAccount& account, WallTime now);

// round_robin's turns, as times of a clock that only choices move: who is chosen is due again one stride later, and a
// stride is shorter the larger the weight. The turn belongs to the account and not to a place in a list, so members
// that come and go do not skew it: one that comes back has its turn at once, and no more than one. Of one that is slow
// the strides are longer.
class Turns {
 public:
  void Take(PoolAccount& account, WallTime now);

 private:
  std::int64_t now_ = 0;  // when the account that was chosen last was due
};

}  // namespace patchbay::accounts
