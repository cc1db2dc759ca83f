#include "workers/frontend/peers/reconnect.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace patchbay::frontend {
namespace {

TEST(Reconnect, OpensOneStreamAfterAnotherUntilItIsStopped) {
  asio::io_context io;
  Reconnect reconnect(io.get_executor());
  int sessions = 0;
  const auto session = [&]() -> Awaitable<bool> {
    if (++sessions == 3) reconnect.Stop();
    co_return sessions == 1;
  };
  asio::co_spawn(io, reconnect.Run(session), [](std::exception_ptr error) { ASSERT_FALSE(error); });
  io.run();
  EXPECT_EQ(sessions, 3);
  EXPECT_TRUE(reconnect.stopped());
}

TEST(Reconnect, WaitsLongerAndLongerAfterStreamsThatEndAtOnce) {
  asio::io_context io;
  Reconnect reconnect(io.get_executor());
  int sessions = 0;
  const auto refused = [&]() -> Awaitable<bool> {
    ++sessions;
    co_return true;
  };
  asio::co_spawn(io, reconnect.Run(refused), [](std::exception_ptr error) { ASSERT_FALSE(error); });
  io.run_for(Reconnect::kMax);
  EXPECT_GT(sessions, 1);
  EXPECT_LT(sessions, Reconnect::kMax / Reconnect::kMin / 4);
  reconnect.Stop();
  io.run();
}

TEST(Reconnect, OpensNoneOnceItIsStopped) {
  asio::io_context io;
  Reconnect reconnect(io.get_executor());
  reconnect.Stop();
  const auto session = []() -> Awaitable<bool> {
    ADD_FAILURE();
    co_return true;
  };
  asio::co_spawn(io, reconnect.Run(session), [](std::exception_ptr error) { ASSERT_FALSE(error); });
  io.run();
}

}  // namespace
}  // namespace patchbay::frontend
