#include "workers/upstream/call/turn_tracker.h"

#include <gtest/gtest.h>

#include "workers/upstream/dialects/codex/dialect.h"

namespace patchbay::upstream {
namespace {

const WallTime kTime{std::chrono::seconds(1787390000)};
constexpr std::string_view kDelta = R"({"type":"response.output_text.delta","output_index":0,"delta":"x"})";
constexpr std::string_view kDone =
    R"({"type":"response.completed","response":{"id":"r","usage":{"input_tokens":3,"output_tokens":2}}})";
constexpr std::string_view kError = R"({"type":"error","status":429,"error":{"code":"rate_limit_exceeded"}})";

class TurnTrackerTest : public ::testing::Test {
 protected:
  TurnTracker tracker_{codex::CodexDialect()};
};

TEST_F(TurnTrackerTest, EndsATurnWithItsLastFrame) {
  ASSERT_TRUE(tracker_.Begin(kTime));
  const TurnTracker::Seen delta = tracker_.See(kDelta, kTime);
  EXPECT_TRUE(delta.pass);
  EXPECT_FALSE(delta.end);
  const TurnTracker::Seen done = tracker_.See(kDone, kTime);
  EXPECT_TRUE(done.pass);
  ASSERT_TRUE(done.end);
  EXPECT_FALSE(done.end->has_failure());
  EXPECT_EQ(done.end->response_id(), "r");
  EXPECT_EQ(done.end->usage().output_tokens(), 2);
  EXPECT_FALSE(tracker_.in_turn());
  EXPECT_TRUE(tracker_.Begin(kTime));
}

TEST_F(TurnTrackerTest, RunsOneTurnAtATime) {
  EXPECT_TRUE(tracker_.Begin(kTime));
  EXPECT_FALSE(tracker_.Begin(kTime));
}

TEST_F(TurnTrackerTest, KeepsAnErrorFrameForTheEndOfItsTurn) {
  ASSERT_TRUE(tracker_.Begin(kTime));
  const TurnTracker::Seen seen = tracker_.See(kError, kTime);
  EXPECT_FALSE(seen.pass);
  ASSERT_TRUE(seen.end);
  EXPECT_EQ(seen.end->failure().http_status(), 429);
  EXPECT_EQ(seen.end->failure().code(), "rate_limit_exceeded");
}

TEST_F(TurnTrackerTest, LetsNoEndBetweenTwoTurnsBeTakenForTheNextOnes) {
  EXPECT_TRUE(tracker_.See(R"({"type":"codex.rate_limits"})", kTime).pass);
  EXPECT_FALSE(tracker_.See(kDone, kTime).pass);
  EXPECT_FALSE(tracker_.See(kError, kTime).pass);
}

TEST_F(TurnTrackerTest, EndsTheRunningTurnWhenTheSocketBreaks) {
  ASSERT_TRUE(tracker_.Begin(kTime));
  inference::v1::Failure why;
  why.set_message("gone");
  const auto end = tracker_.Break(why);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->failure().message(), "gone");
  EXPECT_TRUE(tracker_.over());
  EXPECT_FALSE(tracker_.Begin(kTime));
  EXPECT_FALSE(tracker_.See(kDelta, kTime).pass);
  EXPECT_FALSE(tracker_.Break(why));
}

}  // namespace
}  // namespace patchbay::upstream
