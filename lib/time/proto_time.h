// Protobuf's time and ours. Milliseconds on our side: what is finer is cut off, and what a peer says beyond the year
// 9999 is that year's end.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "lib/base/clock.h"

namespace patchbay {

inline constexpr std::int64_t kMaxProtoSeconds = 253402300799;

inline std::chrono::seconds BoundedSeconds(std::int64_t seconds) {
  return std::chrono::seconds(std::clamp(seconds, -kMaxProtoSeconds, kMaxProtoSeconds));
}

inline std::chrono::milliseconds ToMilliseconds(const google::protobuf::Duration& duration) {
  return BoundedSeconds(duration.seconds()) + std::chrono::milliseconds(duration.nanos() / 1'000'000);
}

inline WallTime ToWallTime(const google::protobuf::Timestamp& time) {
  return WallTime(BoundedSeconds(time.seconds())) + std::chrono::milliseconds(time.nanos() / 1'000'000);
}

// Of any precision, to the nanosecond.
template <class Rep, class Period>
void SetDuration(std::chrono::duration<Rep, Period> from, google::protobuf::Duration* to) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(from);
  to->set_seconds(whole.count());
  to->set_nanos(static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(from - whole).count()));
}

// A time before 1970 counts its nanoseconds forward from the second before it, as protobuf asks.
inline void SetTimestamp(WallTime from, google::protobuf::Timestamp* to) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(from);
  to->set_seconds(whole.time_since_epoch().count());
  to->set_nanos(static_cast<std::int32_t>((from - whole).count()) * 1'000'000);
}

// Seconds as providers write them, with a fraction: a Duration, or a Timestamp since 1970. Whatever is no time (below
// zero, infinite, no number) is zero.
template <class Message>
void SetSeconds(double seconds, Message* to) {
  const double bounded = std::isfinite(seconds) ? std::clamp(seconds, 0.0, static_cast<double>(kMaxProtoSeconds)) : 0.0;
  const double whole = std::floor(bounded);
  to->set_seconds(static_cast<std::int64_t>(whole));
  to->set_nanos(static_cast<std::int32_t>((bounded - whole) * 1e9));
}

inline double SecondsOf(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace patchbay
