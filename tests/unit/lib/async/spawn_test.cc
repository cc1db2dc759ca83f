#include "lib/async/spawn.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "lib/base/exit.h"

namespace patchbay::async {
namespace {

Awaitable<void> Set(bool& done) {
  done = true;
  co_return;
}

Awaitable<void> Throw() {
  throw std::runtime_error("the cat sat on it");
  co_return;
}

Awaitable<void> ThrowANumber() {
  throw 7;
  co_return;
}

TEST(Spawn, RunsTheTaskToItsEnd) {
  asio::io_context io;
  bool done = false;
  Spawn(io, "test", Set(done));
  EXPECT_FALSE(done) << "it begins on the loop, not in the call";
  io.run();
  EXPECT_TRUE(done);
}

TEST(SpawnDeathTest, EndsTheProcessWithTheTasksNameAndTheExceptionsText) {
  const auto run = [](Awaitable<void> task) {
    asio::io_context io;
    Spawn(io, "the feeder", std::move(task));
    io.run();
  };
  EXPECT_EXIT(run(Throw()), ::testing::ExitedWithCode(kExitBug), "\"task\":\"the feeder\".*the cat sat on it");
  EXPECT_EXIT(run(ThrowANumber()), ::testing::ExitedWithCode(kExitBug), "not a std::exception");
}

}  // namespace
}  // namespace patchbay::async
