// Moments and spans as text: for records (RFC 3339), and for people. Pure: now is a parameter.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace patchbay {

// "2026-08-22T12:00:00Z"
std::string Rfc3339(WallTime time);
// "2026-08-22T12:00:00.000123Z"
std::string Rfc3339Micros(std::chrono::sys_time<std::chrono::microseconds> time);

// The beginning of a day, "2026-08-22"; nothing for another text.
std::optional<WallTime> ParseDate(std::string_view text);
// "2026-08-22T12:00:00Z", with a fraction of a second or another offset, too ("+02:00"); nothing for another text.
std::optional<WallTime> ParseRfc3339(std::string_view text);

// The two largest units: "850ms", "12s", "2m 10s", "3d 4h". Nothing lasts less than "0ms".
std::string HumanDuration(std::chrono::milliseconds duration);
// "5m 2s ago", "in 3h 10m", "now".
std::string HumanTime(WallTime time, WallTime now);

}  // namespace patchbay
