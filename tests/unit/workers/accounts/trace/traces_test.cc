#include "workers/accounts/trace/traces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

constexpr WallTime kBegin{1'790'000'000s};

class TracesTest : public ::testing::Test {
 protected:
  TracesTest() { traces_.Configure(3); }

  void Ask(const std::string& request, std::uint64_t epoch = 1) {
    Trace trace;
    trace.frontend = frontend_;
    trace.request = RequestId(request);
    trace.model = "gpt-5.5";
    traces_.Asked(std::move(trace), epoch, now_);
  }
  void Grant(const std::string& request, const std::string& account) {
    Considered considered;
    considered.frontend = frontend_;
    considered.request = RequestId(request);
    traces_.Take(considered, now_);
    Granted granted;
    granted.frontend = frontend_;
    granted.request = RequestId(request);
    granted.account = AccountId(account);
    traces_.Take(granted, now_);
  }
  void End(const std::string& request, const std::string& outcome) {
    TracedEnd end;
    end.outcome = outcome;
    traces_.Ended(frontend_, RequestId(request), std::move(end), now_);
  }
  const Trace& Only(const std::string& request) {
    const auto found = traces_.Find(RequestId(request));
    EXPECT_THAT(found, SizeIs(1)) << request;
    return *found.at(0);
  }

  FrontendId frontend_{"frontend#1"};
  WallTime now_ = kBegin;
  Traces traces_;
};

TEST_F(TracesTest, TellsTheStepsOfARequestInTheirOrderWithTheirTimes) {
  Ask("r1");
  now_ += 5ms;
  Grant("r1", "a");
  now_ += 100ms;
  End("r1", "succeeded");
  const Trace& trace = Only("r1");
  EXPECT_EQ(trace.asked_at, kBegin);
  ASSERT_THAT(trace.steps, SizeIs(3));
  EXPECT_TRUE(std::holds_alternative<Considered>(trace.steps[0].what));
  EXPECT_EQ(std::get<Granted>(trace.steps[1].what).account, AccountId("a"));
  EXPECT_EQ(trace.steps[1].after, 5ms);
  EXPECT_EQ(std::get<TracedEnd>(trace.steps[2].what).outcome, "succeeded");
  EXPECT_EQ(trace.steps[2].after, 105ms);
}

TEST_F(TracesTest, KeepsTheLastOnesOnly) {
  for (const char* request : {"r1", "r2", "r3", "r4"}) Ask(request);
  EXPECT_THAT(traces_.Find(RequestId("r1")), SizeIs(0));
  EXPECT_EQ(traces_.size(), 3u);
  const auto last = traces_.Last(2);
  ASSERT_THAT(last, SizeIs(2));
  EXPECT_EQ(last[0]->request, RequestId("r4"));
  End("r1", "succeeded");  // of one that is forgotten: nothing
  traces_.Configure(1);
  EXPECT_EQ(traces_.size(), 1u);
  traces_.Configure(0);
  Ask("r5");
  Grant("r5", "a");
  EXPECT_EQ(traces_.size(), 0u);
}

TEST_F(TracesTest, AnIdThatIsGivenTwiceIsTwoRequestsAndOneThatIsAskedAgainIsOne) {
  Ask("same");
  Grant("same", "a");
  End("same", "succeeded");
  Ask("same");
  Grant("same", "b");
  ASSERT_THAT(traces_.Find(RequestId("same")), SizeIs(2));
  EXPECT_EQ(std::get<Granted>(traces_.Find(RequestId("same"))[0]->steps[1].what).account, AccountId("b"));
  Ask("same", 2);  // its frontend has reconnected
  EXPECT_THAT(traces_.Find(RequestId("same")), SizeIs(2));
  Ask("same", 2);  // while the other is open, on the same connection
  EXPECT_THAT(traces_.Find(RequestId("same")), SizeIs(3));
}

TEST_F(TracesTest, IsBoundedWhateverHappensToARequest) {
  Ask("r1");
  for (int i = 0; i < 1000; ++i) {
    Grant("r1", "a");
    TracedEnd end;
    end.outcome = "retried";
    end.notes.ignored.assign(100, std::string(10'000, 'x'));
    traces_.Ended(frontend_, RequestId("r1"), end, now_);
  }
  End("r1", "failed");
  const Trace& trace = Only("r1");
  EXPECT_EQ(trace.steps.size(), Traces::kSteps);
  EXPECT_EQ(trace.steps_left_out, 3001 - Traces::kSteps);
  EXPECT_EQ(std::get<TracedEnd>(trace.steps.back().what).outcome, "failed") << "the last one is kept";
  for (const TraceStep& step : trace.steps) {
    if (const auto* end = std::get_if<TracedEnd>(&step.what)) {
      EXPECT_LE(end->notes.ignored.size(), Traces::kTexts);
      for (const std::string& text : end->notes.ignored) EXPECT_LE(text.size(), Traces::kTextBytes);
    }
  }
  Denied denied;
  denied.frontend = frontend_;
  denied.request = RequestId("r1");
  denied.accounts.resize(50);
  traces_.Take(denied, now_);
  EXPECT_EQ(std::get<Denied>(trace.steps.back().what).accounts.size(), Traces::kExplained);
}

TEST_F(TracesTest, AnAttemptWhoseRetryWasDeniedHasOneEnd) {
  Ask("r1");
  Grant("r1", "a");
  End("r1", "retried");
  Denied denied;
  denied.frontend = frontend_;
  denied.request = RequestId("r1");
  traces_.Take(denied, now_);
  End("r1", "failed");  // its frontend settles it then
  const Trace& trace = Only("r1");
  ASSERT_THAT(trace.steps, SizeIs(4));
  EXPECT_TRUE(std::holds_alternative<Denied>(trace.steps.back().what));
}

}  // namespace
}  // namespace patchbay::accounts
