// One long-lived stream after another, until somebody says stop: at once after one that had worked, with growing pauses
// while they fail. A stream that is refused can look for a moment as if it worked, so one that is over sooner than the
// longest pause counts as failed too.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <utility>

#include "lib/async/asio.h"

namespace patchbay::frontend {

// Single-threaded. Run must have returned before it is destroyed.
class Reconnect {
 public:
  static constexpr std::chrono::milliseconds kMin{5};
  static constexpr std::chrono::milliseconds kMax{200};

  explicit Reconnect(const asio::any_io_executor& executor) : pause_timer_(executor) {}

  // `session` lives as long as one stream; its value says whether the stream had worked.
  Awaitable<void> Run(std::function<Awaitable<bool>()> session) {
    std::chrono::milliseconds pause = kMin;
    while (!stopped_) {
      const auto began = std::chrono::steady_clock::now();
      const bool worked = co_await session();
      if (stopped_) break;
      const bool lasted = std::chrono::steady_clock::now() - began >= kMax;
      pause = worked && lasted ? kMin : std::min(pause * 2, kMax);
      pause_timer_.expires_after(pause);
      co_await pause_timer_.async_wait(asio::as_tuple(asio::use_awaitable));  // Stop cuts it short
    }
  }
  // No further stream. Whoever has one ends it.
  void Stop() {
    stopped_ = true;
    pause_timer_.cancel();
  }
  bool stopped() const { return stopped_; }

 private:
  asio::steady_timer pause_timer_;  // between two streams
  bool stopped_ = false;
};

}  // namespace patchbay::frontend
