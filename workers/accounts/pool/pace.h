// What an account's quota costs: the measure of the strategy `paced`.
//
// Quota that resets unused is lost. So a token is cheap where much is left for the time until the reset, and dear where
// little is left for long. A window with the share `left` of its quota and the share `rest` of its time costs
//
//   (rest + 1/4) / left
//
// and an account the mean of its windows, since a token is taken from all of them. The quarter keeps the last minutes
// of a window from drawing conversations that would have to move at once, which costs their prompt caches.
//
// A window of hours that is not running counts as half over, cheaper than one that has just begun: ordinary requests
// start it early, each at its own time, so that windows end and begin anew at different times. One of days counts as
// just begun: what has not begun loses nothing by waiting, and is there for the days when the others run dry.
// bench/pool measures it.
#pragma once

#include <cstdint>
#include <optional>

#include "workers/accounts/pool/quota.h"

namespace patchbay::accounts {

struct Pace {
  // The price in steps of ten percent: less is noise, and within a step load and turn decide.
  std::int64_t step = 0;
  std::optional<WallTime> until;  // when time alone makes it another; nothing: never
};

double PriceOf(const Quota& quota, WallTime now);
// An account of twice the weight is taken for twice as cheap.
Pace PaceOf(const Quota& quota, int weight, WallTime now);

}  // namespace patchbay::accounts
