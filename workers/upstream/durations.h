// protobuf's Duration to chrono.
#pragma once

#include <google/protobuf/duration.pb.h>

#include <chrono>

namespace patchbay::upstream {

inline std::chrono::milliseconds Milliseconds(const google::protobuf::Duration& duration) {
  return std::chrono::milliseconds(duration.seconds() * 1000 + duration.nanos() / 1'000'000);
}

}  // namespace patchbay::upstream
