// Quota facts from response headers and from `codex.rate_limits` frames (codex-wire §5, §6.4).
//
// Read leniently: empty, missing and unparsable values are absent. Windows are named by their
// length, not by their place, because on many accounts the "primary" one is the weekly one:
// up to a day is "primary", longer is "secondary". Windows of an extra metered limit bear its id, as the usage endpoint
// writes it ("codex_bengalfox"): header names have '-' for its '_'.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::codex {

inline constexpr int kMaxRateLimitWindows = 32;

// Of the headers that a client may see (name in lower case).
bool IsRateLimitHeader(std::string_view name);

// False when the headers say nothing about quota.
bool DecodeRateLimitHeaders(const Headers& headers, WallTime now, inference::v1::RateLimits& limits);

// `json` is the whole frame. False when it is no object or has no limits.
bool DecodeRateLimitFrame(std::string_view json, WallTime now, inference::v1::RateLimits& limits);

}  // namespace patchbay::upstream::codex
