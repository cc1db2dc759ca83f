// Seconds, as the backend writes them, to protobuf's Duration and Timestamp and back.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

#include "lib/base/clock.h"

namespace patchbay::upstream::codex {

// Nothing a provider says may move us further than this: it keeps the arithmetic in range and
// the messages valid (Timestamp ends with the year 9999).
inline constexpr double kMaxSeconds = 253'402'300'799.0;

// `message` is a Duration or a Timestamp: both have seconds and nanos.
template <class Message>
void SetSeconds(double seconds, Message& message) {
  const double bounded = std::isfinite(seconds) ? std::clamp(seconds, 0.0, kMaxSeconds) : 0.0;
  const double whole = std::floor(bounded);
  message.set_seconds(static_cast<std::int64_t>(whole));
  message.set_nanos(static_cast<std::int32_t>((bounded - whole) * 1e9));
}

inline double SecondsOf(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace patchbay::upstream::codex
