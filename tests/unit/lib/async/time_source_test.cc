#include "lib/async/time_source.h"

#include <gtest/gtest.h>

#include <string>

#include "lib/testing/fake_time.h"

namespace patchbay::async {
namespace {

using std::chrono::milliseconds;

TEST(LoopTime, CallsInTheOrderOfTheTimes) {
  asio::io_context io;
  LoopTime time(io);
  std::string called;
  const auto second = time.After(milliseconds(2), [&] { called += "2"; });
  const auto first = time.After(milliseconds(1), [&] { called += "1"; });
  EXPECT_EQ(called, "") << "never before the loop runs";
  io.run();
  EXPECT_EQ(called, "12");
}

TEST(LoopTime, SaysNothingForATimerThatIsGone) {
  asio::io_context io;
  LoopTime time(io);
  bool called = false;
  auto gone = time.At(time.Steady(), [&] { called = true; });
  gone.reset();
  io.run();
  EXPECT_FALSE(called);
}

TEST(LoopTime, LetsACallbackDestroyItsOwnTimer) {
  asio::io_context io;
  LoopTime time(io);
  std::unique_ptr<TimeSource::Timer> timer;
  int calls = 0;
  timer = time.At(time.Steady(), [&] {
    timer.reset();
    ++calls;
  });
  io.run();
  EXPECT_EQ(calls, 1);
}

TEST(FakeTime, CallsWhatBecomesDueAtItsTimeAndNothingElse) {
  patchbay::testing::FakeTime time;
  const SteadyTime began = time.Steady();
  std::string called;
  const auto late = time.After(milliseconds(30), [&] { called += "late"; });
  std::unique_ptr<TimeSource::Timer> again;
  const auto early = time.After(milliseconds(10), [&] {
    EXPECT_EQ(time.Steady() - began, milliseconds(10));
    again = time.After(milliseconds(5), [&] { called += "again "; });
  });
  auto gone = time.After(milliseconds(1), [&] { called += "gone"; });
  gone.reset();
  time.Advance(milliseconds(20));
  EXPECT_EQ(called, "again ");
  EXPECT_EQ(time.Steady() - began, milliseconds(20));
  time.Advance(milliseconds(10));
  EXPECT_EQ(called, "again late");
  EXPECT_EQ(time.pending(), 0u);
}

}  // namespace
}  // namespace patchbay::async
