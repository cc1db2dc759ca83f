#include "workers/frontend/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "tests/unit/workers/frontend/engine/engine_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(EngineTest, LeasesCallsCommitsAndSettles) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(sink_.taken, "Hello");
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "head 200", "commit"));
  ASSERT_THAT(leaser_.settled, SizeIs(1));
  const auto& settled = leaser_.settled[0];
  EXPECT_EQ(settled.lease_id(), "l1");
  EXPECT_EQ(settled.outcome(), accounts::v1::OUTCOME_SUCCEEDED);
  EXPECT_EQ(settled.usage().input_tokens(), 3);
  EXPECT_EQ(settled.served_model(), "m-1");
  EXPECT_EQ(settled.account(), "acc");
  EXPECT_EQ(settled.provider(), "codex");
  EXPECT_EQ(settled.wire_model(), "wire-model");
  EXPECT_EQ(settled.client_key_id(), "key");
  EXPECT_EQ(settled.model(), "client-model");
  EXPECT_EQ(settled.attempts(), 1);
  EXPECT_TRUE(settled.has_first_output());
}

TEST_F(EngineTest, TellsAccountsWhatEachAttemptLost) {
  leaser_.WillGrant(Grant("l1", "a"));
  leaser_.WillGrant(Grant("l2", "b"));
  upstream_.WillAnswer({"head { status: 429 }", kBusy});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  sink_.lost = {{"seed"}, {"tool_names"}};
  Run();
  const auto& retried = leaser_.retried.at(0).notes();
  EXPECT_THAT(retried.ignored(), ElementsAre("seed"));
  EXPECT_FALSE(retried.has_head()) << "the provider did not take it";
  const auto& settled = leaser_.settled.at(0).notes();
  EXPECT_THAT(settled.repaired(), ElementsAre("tool_names"));
  EXPECT_TRUE(settled.has_head());
}

TEST_F(EngineTest, AsksForTheClientsModelAndSendsTheProvidersName) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  Run();
  EXPECT_EQ(leaser_.acquired.at(0).model(), "client-model");
  EXPECT_EQ(leaser_.acquired.at(0).affinity_key(), "affinity");
  const auto& open = upstream_.calls.at(0)->sent.at(0).open();
  EXPECT_EQ(open.canonical().model(), "wire-model");
  EXPECT_EQ(open.canonical().items(0).message().parts(0).text(), "Hi");
  EXPECT_EQ(open.lease_id(), "l1");
  EXPECT_TRUE(upstream_.calls.at(0)->half_closed);
}

TEST_F(EngineTest, TriesAnotherAccountBeforeAnyOutput) {
  leaser_.WillGrant(Grant("l1", "a"));
  leaser_.WillGrant(Grant("l2", "b"));
  upstream_.WillAnswer({"head { status: 429 }", kBusy});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(outcome.attempts, 2);
  EXPECT_EQ(outcome.account_label, "label of b");
  ASSERT_THAT(leaser_.retried, SizeIs(1));
  EXPECT_EQ(leaser_.retried[0].lease_id(), "l1");
  EXPECT_EQ(leaser_.retried[0].failure().code(), "rate_limit_exceeded");
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "begin l2", "head 200", "commit"));
  // The request went out whole both times.
  EXPECT_EQ(upstream_.calls.at(1)->sent.at(0).open().canonical().items_size(), 1);
  ASSERT_THAT(leaser_.settled, SizeIs(1));
  EXPECT_EQ(leaser_.settled[0].lease_id(), "l2");
}

TEST_F(EngineTest, RetriesAStreamThatFailedAfterItsStartButBeforeOutput) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer(
      {kHead, kStarted,
       R"(events { events { failed { failure { stage: FAILURE_STAGE_REPORTED cause: CAUSE_SERVER_ERROR code: "server_error" } } } })",
       "end { failure { stage: FAILURE_STAGE_REPORTED } }"});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(leaser_.retried.at(0).failure().code(), "server_error");
}

CallSpec WithSealedReasoning(CallSpec spec) {
  spec.call.payload.canonical->add_items()->mutable_reasoning()->set_encrypted_content("sealed elsewhere");
  return spec;
}
constexpr const char* kCannotOpen =
    R"(end { failure { stage: FAILURE_STAGE_STATUS http_status: 400 cause: CAUSE_SEALED_REASONING code: "invalid_encrypted_content" } })";

TEST_F(EngineTest, LeavesSealedReasoningOutWhenTheGrantSaysSo) {
  leaser_.WillGrant(Grant("l1"));
  auto without = Grant("l2");
  without.set_without_sealed_reasoning(true);
  leaser_.WillGrant(without);
  upstream_.WillAnswer({"head { status: 400 }", kCannotOpen});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  const CallOutcome outcome = Run(WithSealedReasoning(Spec()));
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(outcome.attempts, 2);
  EXPECT_EQ(leaser_.retried.at(0).failure().code(), "invalid_encrypted_content");
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "begin l2", "repaired sealed_reasoning", "head 200", "commit"));
  EXPECT_EQ(upstream_.calls.at(0)->sent.at(0).open().canonical().items_size(), 2);
  EXPECT_EQ(upstream_.calls.at(1)->sent.at(0).open().canonical().items_size(), 1);
  EXPECT_EQ(leaser_.settled.at(0).attempts(), 2);
}

TEST_F(EngineTest, NeverRetriesAfterOutput) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kCut});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kBroken);
  ASSERT_TRUE(outcome.problem);
  EXPECT_EQ(outcome.problem->kind, Problem::Kind::kProvider);
  EXPECT_THAT(leaser_.retried, IsEmpty());
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_FAILED);
  EXPECT_TRUE(leaser_.settled.at(0).has_failure());
}

TEST_F(EngineTest, RetriesAnAnswerThatFailedBeforeAnyOfItCouldLeave) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({std::string(kHead) + R"( events { events { text_delta { text: "lost" } } } )" + kCut});
  upstream_.WillAnswer({std::string(kHead) + kText, std::string(kFinish) + kEnd});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kCompleted);
  EXPECT_THAT(leaser_.retried, SizeIs(1));
  EXPECT_TRUE(outcome.first_output);
}

TEST_F(EngineTest, ShowsTheFailureWhenARetryIsDeniedForIt) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillDeny(accounts::v1::DENY_REASON_REQUEST_FAULT);
  upstream_.WillAnswer({"head { status: 400 }", R"(end { failure { stage: FAILURE_STAGE_STATUS http_status: 400
      cause: CAUSE_CONTEXT_TOO_LONG code: "context_length_exceeded" message: "too long" param: "input" } })"});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kRefused);
  EXPECT_EQ(outcome.problem->kind, Problem::Kind::kContextTooLong);
  EXPECT_EQ(outcome.problem->message, "too long");
  ASSERT_THAT(leaser_.settled, SizeIs(1)) << "each request that was made has a row";
  EXPECT_EQ(leaser_.settled[0].lease_id(), "l1");
  EXPECT_EQ(leaser_.settled[0].outcome(), accounts::v1::OUTCOME_FAILED);
  EXPECT_EQ(leaser_.settled[0].failure().code(), "context_length_exceeded");
  EXPECT_EQ(leaser_.settled[0].attempts(), 1);
}

TEST_F(EngineTest, TellsTheTierThatTheProviderWasAskedFor) {
  CallSpec spec = Spec();
  spec.call.payload.canonical->set_tier(inference::v1::TIER_FLEX);
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kText, kFinish, kEnd});
  Run(spec);
  EXPECT_EQ(leaser_.settled.at(0).service_tier(), "flex");
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({R"(head { status: 200 ignored: "service_tier" })", kText, kFinish, kEnd});
  Run(spec);
  EXPECT_EQ(leaser_.settled.at(1).service_tier(), "") << "it has none";
}

TEST_F(EngineTest, TellsAccountsWhatAKeysTermsAreAbout) {
  CallSpec spec = Spec();
  spec.source = "192.0.2.7";
  spec.call.payload.canonical->set_tier(inference::v1::TIER_FLEX);
  spec.call.payload.canonical->mutable_sampling()->set_max_output_tokens(100);
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_TERMS);
  EXPECT_EQ(Run(spec).problem->kind, Problem::Kind::kForbidden);
  EXPECT_EQ(leaser_.acquired.at(0).source(), "192.0.2.7");
  EXPECT_EQ(leaser_.acquired[0].service_tier(), "flex");
  EXPECT_EQ(leaser_.acquired[0].max_output_tokens(), 0) << "no limit of the key is about tokens";
  spec.counts_tokens = true;
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_BUDGET);
  EXPECT_EQ(Run(spec).problem->kind, Problem::Kind::kKeyBudget);
  EXPECT_EQ(leaser_.acquired.at(1).max_output_tokens(), 100);
  EXPECT_GT(leaser_.acquired[1].input_tokens(), 0);
}

TEST_F(EngineTest, TellsAccountsHowManyTokensTheRequestMayThink) {
  CallSpec spec = Spec();
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_TERMS);
  Run(spec);
  EXPECT_FALSE(leaser_.acquired.at(0).has_thinking_budget_tokens()) << "it does not say";
  spec.call.payload.canonical->mutable_reasoning()->set_budget_tokens(40000);
  leaser_.WillDeny(accounts::v1::DENY_REASON_KEY_TERMS);
  Run(spec);
  EXPECT_EQ(leaser_.acquired.at(1).thinking_budget_tokens(), 40000);
}

TEST_F(EngineTest, TellsOfAModelThatStandsInForWantOfABudget) {
  accounts::v1::Granted granted = Grant("l1");
  granted.set_fallback_model("smaller");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, kText, kFinish, kEnd});
  EXPECT_EQ(Run().fallback_model, "smaller");
}

TEST_F(EngineTest, RefusesWhenNoAccountIsGranted) {
  accounts::v1::Denied denied;
  denied.set_reason(accounts::v1::DENY_REASON_EXHAUSTED);
  denied.mutable_retry_after()->set_seconds(3600);
  leaser_.WillDeny(denied);
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kRefused);
  EXPECT_EQ(outcome.problem->kind, Problem::Kind::kExhausted);
  EXPECT_EQ(outcome.problem->retry_after, std::chrono::hours(1));
  EXPECT_THAT(upstream_.calls, IsEmpty());
}

TEST_F(EngineTest, RefusesWhenAccountsIsAway) { EXPECT_EQ(Run().problem->kind, Problem::Kind::kUnavailable); }

TEST_F(EngineTest, TakesAVanishedUpstreamForAFailureOfTheGateway) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({kHead, kStarted});  // and the stream just ends
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(leaser_.retried.at(0).failure().stage(), inference::v1::FAILURE_STAGE_GATEWAY);
}

TEST_F(EngineTest, TakesAnEndWithoutATerminalEventForACutStream) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, "end { }"});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kBroken);
  EXPECT_EQ(leaser_.settled.at(0).failure().stage(), inference::v1::FAILURE_STAGE_STREAM);
}

TEST_F(EngineTest, BelievesATerminalEventWhateverComesAfterIt) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kCut});
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_SUCCEEDED);
}

TEST_F(EngineTest, CancelsTheProviderAndSettlesWhatWasUsedWhenTheClientLeaves) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, "events { events { usage_reported { usage { output_tokens: 2 } } } }"},
                       /*then_silent=*/true);
  sink_.on_commit = [&] { asio::post(io_, [&] { cancellation_->Cancel(Cancellation::Reason::kClientGone); }); };
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kClientGone);
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_ABANDONED);
  EXPECT_EQ(leaser_.settled.at(0).usage().output_tokens(), 2);
  EXPECT_FALSE(leaser_.settled.at(0).usage_estimated());
}

TEST_F(EngineTest, EstimatesWhatWasUsedWhenTheClientLeavesBeforeTheProviderSays) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, R"(events { events { text_delta { text: "Eight by" } } })"}, true);
  sink_.gone = true;
  const CallOutcome outcome = Run();
  const auto& settled = leaser_.settled.at(0);
  EXPECT_EQ(settled.outcome(), accounts::v1::OUTCOME_ABANDONED);
  EXPECT_FALSE(settled.has_failure()) << "nothing of ours has failed";
  EXPECT_TRUE(settled.usage_estimated());
  EXPECT_GT(settled.usage().input_tokens(), 0);
  EXPECT_EQ(settled.usage().output_tokens(), 2);
  EXPECT_EQ(outcome.usage.output_tokens(), 2);
}

TEST_F(EngineTest, CountsNothingForACallThatNoProviderHadTaken) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({}, /*then_silent=*/true);
  asio::post(io_, [&] { cancellation_->Cancel(Cancellation::Reason::kClientGone); });
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kClientGone);
  EXPECT_FALSE(leaser_.settled.at(0).usage_estimated());
  EXPECT_EQ(leaser_.settled.at(0).usage().input_tokens(), 0);
}

TEST_F(EngineTest, CountsAClientThatTakesNothingMoreAsGone) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText}, /*then_silent=*/true);
  sink_.gone = true;
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kClientGone);
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
}

TEST_F(EngineTest, GivesUpAtTheTotalDeadlineBeforeOutput) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({}, /*then_silent=*/true);
  CallSpec spec = Spec();
  const auto whole = spec.total_timeout;
  const CallOutcome outcome = Run(std::move(spec), whole);
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kRefused);
  EXPECT_EQ(outcome.problem->kind, Problem::Kind::kTimeout);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_FAILED);
  EXPECT_FALSE(leaser_.settled.at(0).has_failure()) << "it was ended, it did not fail";
}

TEST_F(EngineTest, BreaksTheStreamAtTheTotalDeadlineAfterOutput) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText}, /*then_silent=*/true);
  EXPECT_EQ(Run(Spec(), Spec().total_timeout).ending, CallOutcome::Ending::kBroken);
}

TEST_F(EngineTest, CommitsAfterASilenceOnceTheProviderHasAccepted) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted}, /*then_silent=*/true);
  sink_.on_commit = [&] { cancellation_->Cancel(Cancellation::Reason::kClientGone); };
  Run(Spec(), Spec().quiet_commit);
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "head 200", "commit"));
}

TEST_F(EngineTest, NeverCommitsBeforeTheProviderHasAccepted) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({}, /*then_silent=*/true);
  EXPECT_EQ(Run(Spec(), Spec().total_timeout).ending, CallOutcome::Ending::kRefused);
  EXPECT_THAT(sink_.log, ElementsAre("begin l1"));
}

TEST_F(EngineTest, TriesAWholeAnswerElsewhereHoweverLateItBreaks) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({kHead, kStarted, kText, kCut});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  sink_.streamed = false;
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kCompleted);
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "head 200", "begin l2", "head 200"));
}

TEST_F(EngineTest, NeverCommitsAWholeAnswerForItsSilence) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted}, /*then_silent=*/true);
  sink_.streamed = false;
  EXPECT_EQ(Run(Spec(), Spec().total_timeout).ending, CallOutcome::Ending::kRefused);
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "head 200"));
}

TEST_F(EngineTest, TakesWhatTheEncoderRefusesForABrokenStream) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText, R"(events { events { text_delta { text: "bad" } } })"}, true);
  sink_.refuse_text = "bad";
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kBroken);
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
}

TEST_F(EngineTest, StopsTryingAtItsOwnBound) {
  for (int i = 0; i < Engine::kMaxAttempts + 5; ++i) {
    leaser_.WillGrant(Grant("l" + std::to_string(i)));
    upstream_.WillAnswer({kBusy});
  }
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kRefused);
  EXPECT_THAT(upstream_.calls, SizeIs(Engine::kMaxAttempts));
}

TEST_F(EngineTest, AsksForWhatTheNameOfTheModelAskedFor) {
  auto granted = Grant("l1");
  granted.set_reasoning_effort("high");
  granted.set_service_tier("priority");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, kEnd});
  Run(Spec());
  const auto& sent = upstream_.calls.at(0)->sent.at(0).open().canonical();
  EXPECT_EQ(sent.model(), "wire-model");
  EXPECT_EQ(sent.reasoning().effort(), "high");
  EXPECT_EQ(sent.tier(), inference::v1::TIER_PRIORITY);
}

}  // namespace
}  // namespace patchbay::frontend
