// Time as a parameter for code that also waits: a clock that calls back. The event loop's in production, a test's own
// (lib/testing/fake_time.h) where nothing should really wait.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "lib/async/asio.h"
#include "lib/base/clock.h"

namespace patchbay::async {

class TimeSource : public Clock {
 public:
  // Something that will be called. Destroying it means that it will not.
  class Timer {
   public:
    virtual ~Timer() = default;
  };

  // Calls `then` once, at `when` or soon after, from the event loop: never before this returns. `then` may destroy its
  // own timer.
  [[nodiscard]] virtual std::unique_ptr<Timer> At(SteadyTime when, std::function<void()> then) = 0;
  [[nodiscard]] std::unique_ptr<Timer> After(std::chrono::milliseconds wait, std::function<void()> then) {
    return At(Steady() + wait, std::move(then));
  }
};

// The system's clock and an event loop's timers. The loop outlives it and its timers.
class LoopTime final : public TimeSource {
 public:
  explicit LoopTime(asio::io_context& io) : io_(io) {}

  WallTime Now() const override { return clock_.Now(); }
  SteadyTime Steady() const override { return clock_.Steady(); }
  std::unique_ptr<Timer> At(SteadyTime when, std::function<void()> then) override;

 private:
  asio::io_context& io_;
  SystemClock clock_;
};

}  // namespace patchbay::async
