#include "workers/frontend/responses_socket/socket_life.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using Kind = SocketLife::Step::Kind;
using std::chrono::seconds;

SteadyTime At(int second) { return SteadyTime(seconds(1000 + second)); }

SocketLife Fresh() { return SocketLife({.idle_timeout = seconds(10), .lifetime = seconds(60)}, At(0)); }

SocketLife::Frame Frame(std::string text) { return {std::move(text), {}}; }

TEST(SocketLife, GivesTurnsInTheirOrder) {
  SocketLife life = Fresh();
  ASSERT_TRUE(life.Add(Frame("a")));
  ASSERT_TRUE(life.Add(Frame("b")));
  EXPECT_EQ(life.Next(At(0)).frame.text, "a");
  EXPECT_EQ(life.Next(At(1)).frame.text, "b");
  EXPECT_EQ(life.Next(At(2)).kind, Kind::kWait);
}

TEST(SocketLife, TakesNoMoreThanItsBoundAhead) {
  SocketLife life = Fresh();
  for (std::size_t i = 0; i < SocketLife::kMaxQueuedTurns; ++i) ASSERT_TRUE(life.Add(Frame("x")));
  EXPECT_FALSE(life.Add(Frame("y")));
  (void)life.Next(At(0));
  EXPECT_TRUE(life.Add(Frame("y")));
}

TEST(SocketLife, WaitsUntilItWouldBeIdleOrOld) {
  SocketLife life = Fresh();
  EXPECT_EQ(life.Next(At(3)).until, At(10));
  life.TurnOver(At(55));
  EXPECT_EQ(life.Next(At(56)).until, At(60));
}

TEST(SocketLife, ClosesWhenIdleForTooLong) {
  SocketLife life = Fresh();
  life.TurnOver(At(5));
  EXPECT_EQ(life.Next(At(14)).kind, Kind::kWait);
  const auto step = life.Next(At(15));
  EXPECT_EQ(step.kind, Kind::kClose);
  EXPECT_EQ(step.code, 1001);
}

TEST(SocketLife, ClosesWhenOldEvenWithTurnsWaiting) {
  SocketLife life = Fresh();
  ASSERT_TRUE(life.Add(Frame("a")));
  const auto step = life.Next(At(60));
  EXPECT_EQ(step.kind, Kind::kClose);
  EXPECT_EQ(step.code, 1001);
}

TEST(SocketLife, ClosesForARestartBetweenTurns) {
  SocketLife life = Fresh();
  ASSERT_TRUE(life.Add(Frame("a")));
  life.Drain();
  EXPECT_EQ(life.Next(At(1)).code, 1012);
}

TEST(SocketLife, ClosesForTheFirstReasonGiven) {
  SocketLife life = Fresh();
  life.CloseWith(1011, "broke");
  life.CloseWith(1000, "later");
  life.Drain();
  const auto step = life.Next(At(1));
  EXPECT_EQ(step.code, 1011);
  EXPECT_EQ(step.reason, "broke");
}

TEST(SocketLife, EndsAtOnceWhenTheClientHasGone) {
  SocketLife life = Fresh();
  ASSERT_TRUE(life.Add(Frame("a")));
  life.CloseWith(1011, "broke");
  life.ClientGone();
  EXPECT_EQ(life.Next(At(1)).kind, Kind::kGone);
}

TEST(RelayedCloseCode, PassesWhatMayStandInACloseFrameAndNothingElse) {
  for (const int code : {1000, 1001, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4999})
    EXPECT_EQ(RelayedCloseCode(code), code);
  EXPECT_EQ(RelayedCloseCode(1005), 1000);
  for (const int code : {0, 999, 1004, 1006, 1015, 2000, 5000}) EXPECT_EQ(RelayedCloseCode(code), 1011) << code;
}

}  // namespace
}  // namespace patchbay::frontend
