#include "workers/frontend/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/engine/fakes.h"
#include "workers/frontend/dialects/openai_responses/relay/raw_responses.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kHead = "head { status: 200 }";
constexpr const char* kStarted = R"(events { events { started { response_id: "r" } } })";
constexpr const char* kText = R"(events { events { text_delta { text: "Hello" } } })";
constexpr const char* kFinish =
    R"(events { events { usage_reported { usage { input_tokens: 3 output_tokens: 1 } } } events { finished { reason: FINISH_REASON_STOP } } })";
constexpr const char* kEnd = R"(end { usage { input_tokens: 3 output_tokens: 1 } served_model: "m-1" })";
constexpr const char* kBusy =
    R"(end { failure { stage: FAILURE_STAGE_STATUS http_status: 429 code: "rate_limit_exceeded" } })";
constexpr const char* kCut = "end { failure { stage: FAILURE_STAGE_STREAM } }";

class EngineTest : public ::testing::Test {
 protected:
  CallSpec Spec() {
    CallSpec spec;
    spec.request_id = "req";
    spec.client_key_id = "key";
    spec.model = "client-model";
    spec.dialect = "test";
    spec.affinity_key = "affinity";
    inference::v1::GenerateRequest request;
    request.add_items()->mutable_message()->add_parts()->set_text("Hi");
    spec.payload = std::move(request);
    return spec;
  }

  CallOutcome Run(CallSpec spec) {
    CallOutcome outcome;
    asio::co_spawn(
        io_, [&]() -> Awaitable<void> { outcome = co_await engine_.Run(std::move(spec), sink_, cancellation_); },
        [](std::exception_ptr error) { ASSERT_FALSE(error); });
    io_.run();
    return outcome;
  }
  CallOutcome Run() { return Run(Spec()); }

  asio::io_context io_;
  SystemClock clock_;
  FakeLeaser leaser_;
  FakeUpstream upstream_{io_};
  RecordingSink sink_;
  std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
  Engine engine_{io_, leaser_, upstream_, clock_};
};

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
  EXPECT_EQ(settled.client_key_id(), "key");
  EXPECT_EQ(settled.model(), "client-model");
  EXPECT_EQ(settled.attempts(), 1);
  EXPECT_TRUE(settled.has_first_output());
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
       R"(events { events { failed { failure { stage: FAILURE_STAGE_REPORTED code: "server_error" } } } })",
       "end { failure { stage: FAILURE_STAGE_REPORTED } }"});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  EXPECT_EQ(Run().ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(leaser_.retried.at(0).failure().code(), "server_error");
}

TEST_F(EngineTest, LeavesOutReasoningThatAnotherAccountSealed) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer(
      {"head { status: 400 }",
       R"(end { failure { stage: FAILURE_STAGE_STATUS http_status: 400 code: "invalid_encrypted_content" } })"});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  CallSpec spec = Spec();
  std::get<inference::v1::GenerateRequest>(spec.payload)
      .add_items()
      ->mutable_reasoning()
      ->set_encrypted_content("sealed elsewhere");
  EXPECT_EQ(Run(std::move(spec)).ending, CallOutcome::Ending::kCompleted);
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "begin l1", "head 200", "commit"));
  EXPECT_THAT(leaser_.retried, IsEmpty()) << "the account did nothing wrong";
  EXPECT_EQ(upstream_.calls.at(0)->sent.at(0).open().canonical().items_size(), 2);
  EXPECT_EQ(upstream_.calls.at(1)->sent.at(0).open().canonical().items_size(), 1);
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
      code: "context_length_exceeded" message: "too long" param: "input" } })"});
  const CallOutcome outcome = Run();
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kRefused);
  EXPECT_EQ(outcome.problem->kind, Problem::Kind::kContextTooLong);
  EXPECT_EQ(outcome.problem->message, "too long");
  EXPECT_THAT(leaser_.settled, IsEmpty()) << "a denied retry has ended its lease";
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
  spec.total_timeout = std::chrono::milliseconds(5);
  const CallOutcome outcome = Run(std::move(spec));
  EXPECT_EQ(outcome.ending, CallOutcome::Ending::kRefused);
  EXPECT_EQ(outcome.problem->kind, Problem::Kind::kTimeout);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_FAILED);
}

TEST_F(EngineTest, BreaksTheStreamAtTheTotalDeadlineAfterOutput) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted, kText}, /*then_silent=*/true);
  CallSpec spec = Spec();
  spec.total_timeout = std::chrono::milliseconds(5);
  EXPECT_EQ(Run(std::move(spec)).ending, CallOutcome::Ending::kBroken);
}

TEST_F(EngineTest, CommitsAfterASilenceOnceTheProviderHasAccepted) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, kStarted}, /*then_silent=*/true);
  CallSpec spec = Spec();
  spec.quiet_commit = std::chrono::milliseconds(1);
  sink_.on_commit = [&] { cancellation_->Cancel(Cancellation::Reason::kClientGone); };
  Run(std::move(spec));
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "head 200", "commit"));
}

TEST_F(EngineTest, NeverCommitsBeforeTheProviderHasAccepted) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({}, /*then_silent=*/true);
  CallSpec spec = Spec();
  spec.quiet_commit = std::chrono::milliseconds(1);
  spec.total_timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(Run(std::move(spec)).ending, CallOutcome::Ending::kRefused);
  EXPECT_THAT(sink_.log, ElementsAre("begin l1"));
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
  EXPECT_EQ(sent.service_tier(), "priority");
}

class RawEngineTest : public EngineTest {
 protected:
  CallSpec RawSpec(std::string body) {
    CallSpec spec = Spec();
    spec.payload = RawRequest{.dialect = &openai_responses::RawResponses(), .body = std::move(body)};
    return spec;
  }
  std::string SentBody(int call) {
    std::string body;
    for (const auto& message : upstream_.calls.at(static_cast<std::size_t>(call))->sent) {
      body += message.open().raw().begin() + message.chunk();
    }
    return body;
  }
};

TEST_F(RawEngineTest, ReplacesOnlyTheModel) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  EXPECT_EQ(Run(RawSpec(R"({ "a":1.0, "model" : "client-model","b":"\u00e4"})")).ending,
            CallOutcome::Ending::kCompleted);
  EXPECT_EQ(SentBody(0), R"({ "a":1.0, "model" : "wire-model","b":"\u00e4"})");
  EXPECT_EQ(upstream_.calls.at(0)->sent.at(0).open().raw().total_bytes(), SentBody(0).size());
}

TEST_F(RawEngineTest, SendsABodyUnchangedWhenTheModelKeepsItsName) {
  auto granted = Grant("l1");
  granted.set_wire_model("client-model");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  const std::string body = R"({ "mod\u0065l": "client-model" })";
  Run(RawSpec(body));
  EXPECT_EQ(SentBody(0), body);
}

TEST_F(RawEngineTest, PutsInWhatTheNameOfTheModelAskedFor) {
  auto granted = Grant("l1");
  granted.set_reasoning_effort("high");
  granted.set_service_tier("priority");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  Run(RawSpec(R"({ "reasoning": {"summary":"auto", "effort" : "low"}, "model":"client-model", "b": 1.0})"));
  EXPECT_EQ(
      SentBody(0),
      R"({"service_tier":"priority", "reasoning": {"summary":"auto", "effort" : "high"}, "model":"wire-model", "b": 1.0})");
}

TEST_F(RawEngineTest, PutsItInOnceWhenTheCallIsTriedAgain) {
  for (const char* lease : {"l1", "l2"}) {
    auto granted = Grant(lease);
    granted.set_reasoning_effort("high");
    leaser_.WillGrant(granted);
  }
  upstream_.WillAnswer({kHead, "end { failure { stage: FAILURE_STAGE_REPORTED } }"});
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  Run(RawSpec(R"({"model":"client-model"})"));
  EXPECT_EQ(SentBody(0), R"({"reasoning":{"effort":"high"},"model":"wire-model"})");
  EXPECT_EQ(SentBody(1), SentBody(0));
}

TEST_F(RawEngineTest, SendsALargeBodyInPieces) {
  auto granted = Grant("l1");
  granted.set_wire_model("client-model");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  const std::string body = R"({"model":"client-model","x":")" + std::string(3 * Engine::kChunkBytes, 'x') + "\"}";
  Run(RawSpec(body));
  EXPECT_EQ(SentBody(0), body);
  EXPECT_THAT(upstream_.calls.at(0)->sent, SizeIs(4));
}

TEST_F(RawEngineTest, HoldsBytesBackUntilTheyCarryOutput) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({kHead, R"(chunk: "created, failed")", "end { failure { stage: FAILURE_STAGE_REPORTED } }"});
  upstream_.WillAnswer({kHead, R"(chunk: "created, ")", R"(chunk: "output")", kEnd});
  EXPECT_EQ(Run(RawSpec(R"({"model":"client-model"})")).ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(sink_.taken, "created, output");
  EXPECT_THAT(sink_.log, ElementsAre("begin l1", "head 200", "begin l2", "head 200", "commit"));
}

}  // namespace
}  // namespace patchbay::frontend
