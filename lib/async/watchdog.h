// One timer for all the deadlines of a call. Moving the deadline later, which every read does, is a
// store: the timer wakes at its old time, sees the new one, and sleeps again.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "lib/async/asio.h"
#include "lib/base/clock.h"

namespace patchbay::async {

// Single-threaded. Nothing is called after destruction.
class Watchdog {
 public:
  Watchdog(asio::any_io_executor executor, std::function<void()> on_expiry);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // From now on this deadline holds, and no other.
  void Set(SteadyTime deadline);
  void Clear() { state_->deadline = SteadyTime::max(); }

 private:
  struct State {
    State(asio::any_io_executor executor, std::function<void()> callback)
        : timer(std::move(executor)), on_expiry(std::move(callback)) {}
    asio::steady_timer timer;
    std::function<void()> on_expiry;  // empty once the watchdog is gone
    SteadyTime deadline = SteadyTime::max();
    SteadyTime wakes_at = SteadyTime::max();  // max: nothing is pending
  };
  static void Sleep(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace patchbay::async
