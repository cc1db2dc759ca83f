#include "workers/upstream/call/answer_facts.h"

#include <gtest/gtest.h>

#include "workers/upstream/dialects/codex/dialect.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

TEST(AnswerFacts, MergesWindowsByTheirNames) {
  inf::RateLimits limits, update;
  limits.set_plan("plus");
  limits.add_windows()->set_name("primary");
  limits.add_windows()->set_name("secondary");
  update.set_limit_reached(true);
  update.add_windows()->set_name("secondary");
  update.mutable_windows(0)->set_used_percent(100);
  update.add_windows()->set_name("extra");
  Merge(update, limits);
  EXPECT_EQ(limits.plan(), "plus");
  EXPECT_TRUE(limits.limit_reached());
  ASSERT_EQ(limits.windows_size(), 3);
  EXPECT_EQ(limits.windows(1).used_percent(), 100);
}

TEST(AnswerFacts, ShowNoHeaderThatIsNotForClientsOrHidesAnother) {
  const ResponseHead head{200,
                          {{"content-type", "text/event-stream"},
                           {"set-cookie", "__cf_bm=1"},
                           {"server", "cloudflare"},
                           {"x-codex-plan", "a\r\nb: c"}}};
  const v1::Head visible = VisibleHead(codex::CodexDialect(), head);
  EXPECT_EQ(visible.status(), 200);
  ASSERT_EQ(visible.headers_size(), 1);
  EXPECT_EQ(visible.headers(0).name(), "content-type");
}

TEST(AnswerFacts, TellSilenceFromABreak) {
  TransportFailure failed{inf::FAILURE_STAGE_FIRST_BYTE, "no progress in time", true, false};
  EXPECT_EQ(FailureOf(failed).cause(), inf::CAUSE_TIMED_OUT);
  failed.timed_out = false;
  EXPECT_EQ(FailureOf(failed).cause(), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(FailureOf(failed).stage(), inf::FAILURE_STAGE_FIRST_BYTE);
}

TEST(AnswerFacts, GiveAReportedFailureTheStatusOfItsHead) {
  ResponseSummary summary;
  summary.failed = true;
  v1::End end;
  TakeSummary(summary, 200, end);
  EXPECT_EQ(end.failure().http_status(), 200);
  summary.failure.set_http_status(429);
  TakeSummary(summary, 200, end);
  EXPECT_EQ(end.failure().http_status(), 429);
}

}  // namespace
}  // namespace patchbay::upstream
