// One try on the byte-transparent route: what goes out, and what of the answer commits.
#include "workers/frontend/engine/attempt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/engine/engine_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class RawAttemptTest : public EngineTest {
 protected:
  CallSpec RawSpec(std::string body) {
    CallSpec spec = Spec();
    spec.call.payload = Payload(std::make_shared<const FakeClientBytes>(std::move(body)));
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

TEST_F(RawAttemptTest, ReplacesOnlyTheModel) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  EXPECT_EQ(Run(RawSpec(R"({ "a":1.0, "model" : "client-model","b":"\u00e4"})")).ending,
            CallOutcome::Ending::kCompleted);
  EXPECT_EQ(SentBody(0), R"({ "a":1.0, "model" : "wire-model","b":"\u00e4"})");
  EXPECT_EQ(upstream_.calls.at(0)->sent.at(0).open().raw().total_bytes(), SentBody(0).size());
}

TEST_F(RawAttemptTest, SendsABodyUnchangedWhenTheModelKeepsItsName) {
  auto granted = Grant("l1");
  granted.set_wire_model("client-model");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  const std::string body = R"({ "mod\u0065l": "client-model" })";
  Run(RawSpec(body));
  EXPECT_EQ(SentBody(0), body);
}

TEST_F(RawAttemptTest, SaysBesideTheBodyWhichModelAndTierItAsksFor) {
  CallSpec spec = RawSpec(R"({"model":"client-model","service_tier":"flex"})");
  spec.call.payload.bytes =
      std::make_shared<const FakeClientBytes>(R"({"model":"client-model","service_tier":"flex"})", "flex");
  auto granted = Grant("l1");
  for (const std::string tier : {"", "priority"}) {
    granted.set_service_tier(tier);
    leaser_.WillGrant(granted);
    upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
    Run(spec);
    const auto& raw = upstream_.calls.back()->sent.at(0).open().raw();
    EXPECT_EQ(raw.model(), "wire-model");
    EXPECT_EQ(raw.service_tier(), tier.empty() ? "flex" : tier);
  }
}

TEST_F(RawAttemptTest, PutsInWhatTheNameOfTheModelAskedFor) {
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

TEST_F(RawAttemptTest, PutsItInOnceWhenTheCallIsTriedAgain) {
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

TEST_F(RawAttemptTest, SendsALargeBodyInPieces) {
  auto granted = Grant("l1");
  granted.set_wire_model("client-model");
  leaser_.WillGrant(granted);
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  const std::string body = R"({"model":"client-model","x":")" + std::string(3 * Attempt::kChunkBytes, 'x') + "\"}";
  Run(RawSpec(body));
  EXPECT_EQ(SentBody(0), body);
  EXPECT_THAT(upstream_.calls.at(0)->sent, SizeIs(4));
}

TEST_F(RawAttemptTest, HoldsBytesBackUntilTheyCarryOutput) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({kHead, R"(chunk: "created, failed")", "end { failure { stage: FAILURE_STAGE_REPORTED } }"});
  upstream_.WillAnswer({kHead, R"(chunk: "created, ")", R"(chunk: "output")", kEnd});
  EXPECT_EQ(Run(RawSpec(R"({"model":"client-model"})")).ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(sink_.taken, "created, output");
  EXPECT_THAT(sink_.log, ElementsAre("relay l1", "head 200", "relay l2", "head 200", "commit"));
}

// A provider that speaks another dialect answers where one of the client's could not, and nobody sees it.
TEST_F(RawAttemptTest, TakesAnotherRouteWhenTheNextGrantNamesOne) {
  leaser_.WillGrant(Grant("l1"));
  auto other = Grant("l2");
  other.set_dialect("openai_chat");
  leaser_.WillGrant(other);
  upstream_.WillAnswer({kHead, R"(chunk: "created, ")", kCut});
  upstream_.WillAnswer({kHead, kStarted, kText, kFinish, kEnd});
  EXPECT_EQ(Run(RawSpec(R"({"model":"client-model"})")).ending, CallOutcome::Ending::kCompleted);
  EXPECT_EQ(SentBody(0), R"({"model":"wire-model"})");
  const auto& second = upstream_.calls.at(1)->sent.at(0).open();
  ASSERT_TRUE(second.has_canonical());
  EXPECT_EQ(second.canonical().model(), "wire-model");
  EXPECT_EQ(sink_.taken, "Hello");
  EXPECT_THAT(sink_.log,
              ElementsAre("relay l1", "head 200", "begin l2", "ignored lost_in_translation", "head 200", "commit"));
}

TEST_F(RawAttemptTest, TakesTheWayBackToo) {
  auto other = Grant("l1");
  other.set_dialect("openai_chat");
  leaser_.WillGrant(other);
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({kHead, kStarted, kCut});
  upstream_.WillAnswer({kHead, R"(chunk: "output")", kEnd});
  EXPECT_EQ(Run(RawSpec(R"({"model":"client-model"})")).ending, CallOutcome::Ending::kCompleted);
  EXPECT_TRUE(upstream_.calls.at(0)->sent.at(0).open().has_canonical());
  EXPECT_EQ(SentBody(1), R"({"model":"wire-model"})");
  EXPECT_THAT(sink_.log,
              ElementsAre("begin l1", "ignored lost_in_translation", "head 200", "relay l2", "head 200", "commit"));
}

TEST_F(RawAttemptTest, TellsAccountsWhoseBytesTheClientSent) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  CallSpec spec = RawSpec(R"({"model":"client-model"})");
  Run(spec);
  spec.call.payload.needs_relay = true;
  Run(spec);
  EXPECT_EQ(leaser_.acquired.at(0).dialect(), "openai_responses");
  EXPECT_FALSE(leaser_.acquired.at(0).needs_relay());
  EXPECT_TRUE(leaser_.acquired.at(1).needs_relay());
}

}  // namespace
}  // namespace patchbay::frontend
