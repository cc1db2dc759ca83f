// "Something changed, look again" for any number of waiting coroutines. Single-threaded.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>

#include "lib/async/asio.h"

namespace patchbay::async {

class Broadcast {
 public:
  explicit Broadcast(asio::io_context& io) : timer_(io, asio::steady_timer::time_point::max()), io_(io) {}

  // Wakes everybody who waits now.
  void Notify() {
    ++count_;
    timer_.cancel();
  }
  // How often Notify was called: whoever looked at the world and then did something else compares.
  std::uint64_t count() const { return count_; }

  // Returns at the next Notify, or after `longest`. The caller looks at what it waits for before and after.
  Awaitable<void> Wait(std::chrono::milliseconds longest) {
    asio::steady_timer limit(io_, longest);
    limit.async_wait([this](boost::system::error_code error) {
      if (!error) timer_.cancel();  // others wake up too, look, and wait again
    });
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

 private:
  asio::steady_timer timer_;
  asio::io_context& io_;
  std::uint64_t count_ = 0;
};

}  // namespace patchbay::async
