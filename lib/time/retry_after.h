// How long a server asks to wait: in its Retry-After header (RFC 9110 §10.2.3), or in the words of its error.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace patchbay {

// No server can ask us to wait longer; a larger number is cut to it.
inline constexpr std::chrono::hours kLongestRetryAfter{24 * 366};

// Seconds (a fraction is accepted, some providers send one) or a date; a date in the past is zero.
Result<std::chrono::milliseconds> ParseRetryAfter(std::string_view text, WallTime now);

// The delay of "Please try again in 1.5s": a number and ms, s(econds) or m(inutes), in any case. Some answers tell it
// nowhere else (codex-wire §8.3).
std::optional<std::chrono::milliseconds> RetryAfterInWords(std::string_view message);

}  // namespace patchbay
