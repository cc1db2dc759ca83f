#include "workers/upstream/dialects/codex/turn_observer.h"

#include <gtest/gtest.h>

#include "workers/upstream/call/turn_tracker.h"
#include "workers/upstream/dialects/codex/dialect.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

constexpr WallTime kWhen{std::chrono::seconds(1'787'390'000)};

constexpr const char* kCreated = R"({"type":"response.created","response":{"id":"resp_1","model":"gpt-5.5"}})";
constexpr const char* kDelta = R"({"type":"response.output_text.delta","output_index":0,"delta":"Hi"})";
constexpr const char* kCompleted =
    R"({"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}})";
constexpr const char* kFailedOne =
    R"({"type":"response.failed","response":{"id":"resp_1","error":{"code":"server_error","message":"m"}}})";
// Modelled on a live one (codex-wire §10.3): `status_code`, Title-Case headers.
constexpr const char* kLimit =
    R"({"type":"error","error":{"type":"usage_limit_reached","message":"The usage limit has been reached","plan_type":"plus",)"
    R"("resets_at":1787403600,"resets_in_seconds":13600},"status_code":429,"headers":{"X-Codex-Plan-Type":"plus",)"
    R"("X-Codex-Primary-Used-Percent":"100","X-Codex-Primary-Window-Minutes":"300","X-Codex-Primary-Reset-At":1787403600}})";

TEST(CodexTurnObserver, SumsATurnUp) {
  CodexTurnObserver observer(kWhen);
  EXPECT_TRUE(observer.Feed(kCreated));
  EXPECT_TRUE(observer.Feed(kDelta));
  EXPECT_FALSE(observer.summary().ended);
  EXPECT_TRUE(observer.Feed(kCompleted));
  const ResponseSummary& summary = observer.summary();
  EXPECT_TRUE(summary.ended);
  EXPECT_FALSE(summary.failed);
  EXPECT_EQ(summary.response_id, "resp_1");
  EXPECT_EQ(summary.model, "gpt-5.5");
  EXPECT_EQ(summary.usage.output_tokens(), 2);
  EXPECT_EQ(summary.finish_reason, inf::FINISH_REASON_STOP);
}

TEST(CodexTurnObserver, ReadsQuotaFromFrames) {
  CodexTurnObserver observer(kWhen);
  EXPECT_TRUE(observer.Feed(
      R"({"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"primary":{"used_percent":12,"window_minutes":300}}})"));
  ASSERT_TRUE(observer.summary().has_rate_limits);
  EXPECT_EQ(observer.summary().rate_limits.windows(0).used_percent(), 12);
}

TEST(CodexTurnObserver, KeepsAnErrorFrameBackAndReadsItLikeAnHttpError) {
  CodexTurnObserver observer(kWhen);
  EXPECT_FALSE(observer.Feed(kLimit));
  const ResponseSummary& summary = observer.summary();
  EXPECT_TRUE(summary.ended);
  EXPECT_TRUE(summary.failed);
  EXPECT_EQ(summary.failure.stage(), inf::FAILURE_STAGE_STATUS);
  EXPECT_EQ(summary.failure.http_status(), 429);
  EXPECT_EQ(summary.failure.type(), "usage_limit_reached");
  EXPECT_EQ(summary.failure.cause(), inf::CAUSE_EXHAUSTED);
  EXPECT_EQ(summary.failure.body_kind(), inf::BODY_KIND_JSON);
  EXPECT_TRUE(summary.failure.has_resets_at());
  ASSERT_TRUE(summary.has_rate_limits);
  EXPECT_EQ(summary.rate_limits.windows(0).used_percent(), 100);
}

TEST(CodexTurnObserver, TakesEitherNameOfTheStatus) {
  for (const char* name : {"status", "status_code"}) {
    CodexTurnObserver observer(kWhen);
    const std::string frame =
        std::string(R"({"type":"error","error":{"code":"x","message":"m"},")") + name + R"(":400})";
    EXPECT_FALSE(observer.Feed(frame));
    EXPECT_EQ(observer.summary().failure.http_status(), 400) << name;
    EXPECT_EQ(observer.summary().failure.code(), "x");
  }
}

TEST(CodexTurnObserver, TakesAnErrorWithoutAStatusForAReport) {
  CodexTurnObserver observer(kWhen);
  EXPECT_FALSE(observer.Feed(R"({"type":"error","code":"server_error","message":"flat","param":null})"));
  EXPECT_EQ(observer.summary().failure.stage(), inf::FAILURE_STAGE_REPORTED);
  EXPECT_EQ(observer.summary().failure.message(), "flat");
}

TEST(CodexTurnObserver, PassesWhatItDoesNotKnowOrCannotRead) {
  CodexTurnObserver observer(kWhen);
  for (const char* frame : {R"({"type":"response.hologram.delta"})", R"({"type":)", "", "[]"})
    EXPECT_TRUE(observer.Feed(frame)) << frame;
  EXPECT_FALSE(observer.summary().ended);
}

TEST(TurnTracker, RunsOneTurnAtATime) {
  TurnTracker tracker(CodexDialect());
  EXPECT_TRUE(tracker.Begin(kWhen));
  EXPECT_FALSE(tracker.Begin(kWhen));
  EXPECT_FALSE(tracker.See(kCreated, kWhen).end);
  const auto seen = tracker.See(kCompleted, kWhen);
  EXPECT_TRUE(seen.pass);
  ASSERT_TRUE(seen.end);
  EXPECT_EQ(seen.end->usage().output_tokens(), 2);
  EXPECT_FALSE(seen.end->has_failure());
  EXPECT_TRUE(tracker.Begin(kWhen));
}

TEST(TurnTracker, EndsATurnWithAnErrorFrameThatIsNotPassed) {
  TurnTracker tracker(CodexDialect());
  ASSERT_TRUE(tracker.Begin(kWhen));
  const auto seen = tracker.See(kLimit, kWhen);
  EXPECT_FALSE(seen.pass);
  ASSERT_TRUE(seen.end);
  EXPECT_EQ(seen.end->failure().http_status(), 429);
  EXPECT_EQ(seen.end->rate_limits().windows_size(), 1);
}

TEST(TurnTracker, PassesFramesBetweenTurnsButNoEnd) {
  TurnTracker tracker(CodexDialect());
  EXPECT_TRUE(tracker.See(R"({"type":"codex.response.metadata","headers":{}})", kWhen).pass);
  for (const char* end : {kLimit, kFailedOne, kCompleted}) {
    const auto seen = tracker.See(end, kWhen);
    EXPECT_FALSE(seen.pass) << end;
    EXPECT_FALSE(seen.end) << end;
  }
}

TEST(TurnTracker, DoesNotTakeTheEndOfAResponseThatAnErrorEndedForTheNextOnes) {
  TurnTracker tracker(CodexDialect());
  ASSERT_TRUE(tracker.Begin(kWhen));
  (void)tracker.See(kCreated, kWhen);
  ASSERT_TRUE(tracker.See(R"({"type":"error","code":"server_error","message":"flat"})", kWhen).end);
  ASSERT_TRUE(tracker.Begin(kWhen));
  const auto late = tracker.See(kFailedOne, kWhen);
  EXPECT_FALSE(late.pass);
  EXPECT_FALSE(late.end);
  (void)tracker.See(R"({"type":"response.created","response":{"id":"resp_2"}})", kWhen);
  const auto own = tracker.See(R"({"type":"response.completed","response":{"id":"resp_2"}})", kWhen);
  EXPECT_TRUE(own.pass);
  ASSERT_TRUE(own.end);
  EXPECT_EQ(own.end->response_id(), "resp_2");
}

TEST(TurnTracker, EndsTheRunningTurnWhenTheSocketBreaks) {
  TurnTracker tracker(CodexDialect());
  ASSERT_TRUE(tracker.Begin(kWhen));
  (void)tracker.See(kCreated, kWhen);
  inf::Failure why;
  why.set_stage(inf::FAILURE_STAGE_STREAM);
  const auto end = tracker.Break(why);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->failure().stage(), inf::FAILURE_STAGE_STREAM);
  EXPECT_EQ(end->response_id(), "resp_1");
  EXPECT_TRUE(tracker.over());
  EXPECT_FALSE(tracker.Begin(kWhen));
  EXPECT_FALSE(tracker.See(kCompleted, kWhen).end);
  EXPECT_FALSE(tracker.Break(why));
}

}  // namespace
}  // namespace patchbay::upstream::codex
