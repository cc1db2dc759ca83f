// `created_at`: RFC 3339 with nanoseconds, once a line. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::ollama {

using WallNanos = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

// Remembers the second: the lines of a stream share most of theirs.
class Timestamp {
 public:
  // "2026-08-22T06:00:00.000000001Z"; good until the next call.
  std::string_view Of(WallNanos now);

 private:
  std::int64_t second_ = INT64_MIN;
  std::string text_;
};

}  // namespace patchbay::ollama
