#include "workers/upstream/transport/pool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/transport_fixture.h"

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;
using testing::Always;
using testing::LocalServer;
using testing::Reply;

class Pool : public testing::TransportFixture {};

TEST_F(Pool, KeepsNoMoreIdleConnectionsThanAllowed) {
  pool_->SetLimits({.idle_per_key = 1, .idle_timeout = 10s});
  LocalServer server(false, Always([](const std::string&) { return "ok"; }));
  Reply one, two;
  int running = 2;
  asio::co_spawn(io_, Run(RequestTo(server), one), [&](std::exception_ptr) { --running; });
  asio::co_spawn(io_, Run(RequestTo(server), two), [&](std::exception_ptr) { --running; });
  while (running > 0) io_.run_one();
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(pool_->stats().idle, 1);
}

TEST_F(Pool, ForgetsConnectionsThatWereIdleForTooLong) {
  pool_->SetLimits({.idle_per_key = 8, .idle_timeout = 0ms});
  LocalServer server(false, Always([](const std::string&) { return "ok"; }));
  EXPECT_EQ(Do(RequestTo(server)).body, "ok");
  EXPECT_FALSE(Do(RequestTo(server)).reused);
}

TEST_F(Pool, TakesNoConnectionBackThatWasBusyWhenAllWereClosed) {
  LocalServer server(false, Always([](const std::string&) { return "ok"; }));
  Reply reply;
  bool running = true;
  asio::co_spawn(io_, Run(RequestTo(server), reply), [&](std::exception_ptr) { running = false; });
  while (pool_->stats().busy == 0) io_.run_one();
  pool_->CloseIdle();
  while (running) io_.run_one();
  EXPECT_EQ(reply.body, "ok");
  EXPECT_EQ(pool_->stats().idle, 0);
  EXPECT_FALSE(Do(RequestTo(server)).reused);
}

}  // namespace
}  // namespace patchbay::upstream
