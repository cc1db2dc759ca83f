// Durations and sizes as people write them: 30s, 1h30m, 250ms; 64MiB, 1024.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::config {

// Nothing here may be configured to last longer.
inline constexpr std::chrono::hours kMaxDuration{24 * 366};

// One or more <whole number><unit> with units d, h, m, s, ms in falling order; "0" alone is allowed too.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);
// The shortest form that ParseDuration reads back: "1h30m".
std::string FormatDuration(std::chrono::milliseconds duration);

// A whole number, alone (bytes) or followed by B, KiB, MiB, GiB (powers of 1024) or kB, MB, GB (powers of 1000).
Result<std::uint64_t> ParseBytes(std::string_view text);
// With the largest power of 1024 that divides it: "64MiB".
std::string FormatBytes(std::uint64_t bytes);

}  // namespace patchbay::config
