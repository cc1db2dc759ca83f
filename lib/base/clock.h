// Time as a parameter: pure code is told the time, everything else asks a Clock.
#pragma once

#include <chrono>

namespace patchbay {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  // What a calendar says; may jump either way.
  virtual WallTime Now() const = 0;
  // Never jumps; for measuring and for timeouts.
  virtual SteadyTime Steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime Now() const override;
  SteadyTime Steady() const override;
};

}  // namespace patchbay
