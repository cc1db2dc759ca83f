// Protobuf's time and ours. Milliseconds on our side: what is finer is cut off, and what a peer says beyond the year
// 9999 is that year's end.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <chrono>
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

inline void SetDuration(std::chrono::milliseconds from, google::protobuf::Duration* to) {
  to->set_seconds(from.count() / 1000);
  to->set_nanos(static_cast<std::int32_t>(from.count() % 1000) * 1'000'000);
}

inline void SetTimestamp(WallTime from, google::protobuf::Timestamp* to) {
  const auto since_epoch = from.time_since_epoch().count();
  to->set_seconds(since_epoch / 1000);
  to->set_nanos(static_cast<std::int32_t>(since_epoch % 1000) * 1'000'000);
}

}  // namespace patchbay
