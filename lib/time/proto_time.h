// Protobuf's time and ours. Milliseconds on our side: what is finer is cut off.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>

#include "lib/base/clock.h"

namespace patchbay {

inline std::chrono::milliseconds ToMilliseconds(const google::protobuf::Duration& duration) {
  return std::chrono::seconds(duration.seconds()) + std::chrono::milliseconds(duration.nanos() / 1'000'000);
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
