// A moment as people type it. Pure: the time and the zone are parameters.
#pragma once

#include <chrono>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace patchbay::cli {

// "7d", "36h" and "1h30m" ago; "today", "yesterday" and "2026-11-01", the beginning of that day by a clock that shows
// `utc_offset` more than UTC; "2026-11-01T10:00" by the same clock; "now". kInvalidArgument for another text.
Result<WallTime> ParseMoment(std::string_view text, WallTime now, std::chrono::minutes utc_offset);

}  // namespace patchbay::cli
