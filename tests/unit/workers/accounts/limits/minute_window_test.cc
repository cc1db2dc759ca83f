#include "workers/accounts/limits/minute_window.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1000h};

TEST(MinuteWindow, CountsWhatCameWithinTheLastMinute) {
  MinuteWindow window;
  window.Add(3, kStart, kStart);
  window.Add(4, kStart + 30s, kStart + 30s);
  EXPECT_EQ(window.Sum(kStart + 60s), 7) << "whole minutes never hold more than was counted";
  EXPECT_EQ(window.Sum(kStart + 61s), 4);
  EXPECT_EQ(window.Sum(kStart + 1h), 0);
}

TEST(MinuteWindow, TellsWhenThereIsRoomAgain) {
  MinuteWindow window;
  EXPECT_EQ(window.UntilAtMost(0, kStart), 0ms);
  window.Add(3, kStart, kStart);
  window.Add(4, kStart + 30s, kStart + 30s);
  EXPECT_EQ(window.UntilAtMost(7, kStart + 31s), 0ms);
  EXPECT_EQ(window.UntilAtMost(6, kStart + 31s), 30s);
  EXPECT_EQ(window.UntilAtMost(3, kStart + 31s), 60s);
  const SteadyTime then = kStart + 31s + window.UntilAtMost(6, kStart + 31s);
  EXPECT_EQ(window.Sum(then), 4) << "and it is true";
}

TEST(MinuteWindow, TakesBackOnlyWhatItStillHolds) {
  MinuteWindow window;
  window.Add(10, kStart, kStart);
  window.Add(-4, kStart, kStart + 10s);
  EXPECT_EQ(window.Sum(kStart + 10s), 6);
  window.Add(1, kStart + 90s, kStart + 90s);
  window.Add(-6, kStart, kStart + 90s);
  EXPECT_EQ(window.Sum(kStart + 90s), 1);
}

}  // namespace
}  // namespace patchbay::accounts
