#include "lib/async/event.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/async/spawn.h"

namespace patchbay::async {
namespace {

TEST(Event, RemembersANotifyThatCameBeforeTheWait) {
  asio::io_context io;
  Event event(io.get_executor());
  event.Notify();
  event.Notify();  // several count as one
  int wakes = 0;
  const auto wait = [&]() -> Awaitable<void> {
    for (;;) {
      co_await event.Wait();
      ++wakes;
    }
  };
  Spawn(io, "wait", wait());
  io.run_for(std::chrono::milliseconds(1));
  EXPECT_EQ(wakes, 1);
}

TEST(Event, WakesTheWaiterOncePerNotify) {
  asio::io_context io;
  Event event(io.get_executor());
  int wakes = 0;
  const auto wait = [&]() -> Awaitable<void> {
    while (wakes < 3) {
      co_await event.Wait();
      ++wakes;
    }
  };
  const auto notify = [&]() -> Awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      event.Notify();
      co_await asio::post(io, asio::use_awaitable);
      co_await asio::post(io, asio::use_awaitable);
    }
  };
  Spawn(io, "wait", wait());
  Spawn(io, "notify", notify());
  io.run();
  EXPECT_EQ(wakes, 3);
}

}  // namespace
}  // namespace patchbay::async
