// Lets a record be written at most once in a while, and counts those that are not: what strangers cause does not fill
// the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "lib/base/clock.h"

namespace patchbay::log {

class Seldom {
 public:
  static constexpr std::chrono::milliseconds kPause{5'000};

  explicit Seldom(std::chrono::milliseconds pause = kPause) : pause_(pause) {}

  // How many records were left out since the last one, when one may be written now; nothing, when this one is left out.
  std::optional<std::int64_t> May(SteadyTime now) {
    if (now < next_) {
      ++left_out_;
      return std::nullopt;
    }
    next_ = now + pause_;
    return std::exchange(left_out_, 0);
  }

 private:
  const std::chrono::milliseconds pause_;
  SteadyTime next_ = SteadyTime::min();
  std::int64_t left_out_ = 0;
};

}  // namespace patchbay::log
