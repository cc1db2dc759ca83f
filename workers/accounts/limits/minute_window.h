// How many of something there were within the last minute. Pure; counted by the second, so that what leaves it was
// there for 60 to 61 seconds, and no minute ever holds more than was allowed.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "lib/base/clock.h"

namespace patchbay::accounts {

class MinuteWindow {
 public:
  std::int64_t Sum(SteadyTime now) const;
  // Also less than nothing, where it takes back what was added at that time. What has left the window changes nothing.
  void Add(std::int64_t count, SteadyTime at, SteadyTime now);
  // How long until there are no more than `count`.
  std::chrono::milliseconds UntilAtMost(std::int64_t count, SteadyTime now) const;

 private:
  static constexpr std::int64_t kSeconds = 61;
  static std::int64_t SecondOf(SteadyTime time);
  static std::size_t SlotOf(std::int64_t second) { return static_cast<std::size_t>(second % kSeconds); }
  void Advance(std::int64_t second);

  std::array<std::int64_t, kSeconds> slots_{};
  std::int64_t newest_ = 0;  // the second of the newest slot
};

}  // namespace patchbay::accounts
