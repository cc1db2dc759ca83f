#include "workers/accounts/service/convert.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <set>

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;

template <class Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(Convert, BooksAClientThatLeftWithItsTokensAndWithoutAFailure) {
  const Settlement settlement = ToSettlement(Parse<v1::Settle>(R"pb(
    lease_id: "L1"
    outcome: OUTCOME_ABANDONED
    failure { stage: FAILURE_STAGE_GATEWAY }
    usage { input_tokens: 12 output_tokens: 34 }
    usage_estimated: true
  )pb"));
  EXPECT_FALSE(settlement.outcome.failure) << "whatever broke when the client left, nobody is to blame";
  EXPECT_FALSE(settlement.outcome.succeeded);
  EXPECT_EQ(settlement.row.outcome, v1::OUTCOME_ABANDONED);
  EXPECT_EQ(settlement.row.failure, "");
  EXPECT_EQ(settlement.row.input_tokens, 12);
  EXPECT_EQ(settlement.row.output_tokens, 34);
  EXPECT_TRUE(settlement.row.usage_estimated);
}

TEST(Convert, TakesASettlementWithEveryNameOfTheModel) {
  const Settlement settlement = ToSettlement(Parse<v1::Settle>(R"pb(
    lease_id: "L1"
    request_id: "r1"
    outcome: OUTCOME_FAILED
    failure { stage: FAILURE_STAGE_STATUS http_status: 400 code: "invalid_value" }
    model: "smart"
    provider: "codex"
    wire_model: "gpt-5.5"
    served_model: "gpt-5.5-2026"
    service_tier: "priority"
    first_output { nanos: 250000000 }
  )pb"));
  EXPECT_EQ(settlement.outcome.lease, LeaseId("L1"));
  ASSERT_TRUE(settlement.outcome.failure);
  EXPECT_EQ(settlement.outcome.failure->code, "invalid_value");
  EXPECT_EQ(settlement.row.failure, "400 invalid_value");
  EXPECT_EQ(settlement.row.model, "smart");
  EXPECT_EQ(settlement.row.provider, "codex");
  EXPECT_EQ(settlement.row.wire_model, "gpt-5.5");
  EXPECT_EQ(settlement.row.served_model, "gpt-5.5-2026");
  EXPECT_EQ(settlement.row.service_tier, "priority");
  EXPECT_EQ(settlement.row.first_output, std::chrono::milliseconds(250));
  v1::UsageRow row;
  WriteUsageRow(settlement.row, &row);
  EXPECT_EQ(row.model(), "smart");
  EXPECT_EQ(row.provider(), "codex");
  EXPECT_EQ(row.wire_model(), "gpt-5.5");
  EXPECT_EQ(row.service_tier(), "priority");
}

TEST(Convert, PassesOverCapabilitiesThatItDoesNotKnow) {
  v1::Acquire acquire = Parse<v1::Acquire>(R"pb(
    capabilities: CAPABILITY_TOOLS capabilities: CAPABILITY_VISION
  )pb");
  acquire.add_capabilities(static_cast<v1::Capability>(77));
  EXPECT_THAT(ToWish(acquire).needs, ElementsAre(Need::kTools, Need::kVision));
}

TEST(Convert, TakesEveryCauseByItsName) {
  const auto& causes = *inference::v1::Cause_descriptor();
  std::set<Cause> taken;
  for (int i = 0; i < causes.value_count(); ++i) {
    inference::v1::Failure failure;
    failure.set_cause(static_cast<inference::v1::Cause>(causes.value(i)->number()));
    EXPECT_TRUE(taken.insert(ToFacts(failure).cause).second) << causes.value(i)->name();
  }
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(Cause::kTimedOut) + 1);
}

TEST(Convert, TakesAStageThatItDoesNotKnowForUnknown) {
  inference::v1::Failure failure;
  failure.set_stage(static_cast<inference::v1::FailureStage>(77));
  failure.set_body_kind(static_cast<inference::v1::BodyKind>(77));
  failure.set_cause(static_cast<inference::v1::Cause>(77));
  EXPECT_EQ(ToFacts(failure).stage, Stage::kUnknown);
  EXPECT_EQ(ToFacts(failure).body, Body::kUnknown);
  EXPECT_EQ(ToFacts(failure).cause, Cause::kUnknown);
}

TEST(Convert, GrantsWithTheTermsOfTheCall) {
  Granted granted;
  granted.lease = LeaseId("L1");
  granted.terms = std::make_shared<const CallTerms>(CallTerms{"smart", "high", "priority"});
  granted.without_sealed_reasoning = true;
  v1::Granted message;
  WriteGranted(granted, &message);
  EXPECT_EQ(message.lease_id(), "L1");
  EXPECT_EQ(message.reasoning_effort(), "high");
  EXPECT_EQ(message.service_tier(), "priority");
  EXPECT_TRUE(message.without_sealed_reasoning());
}

}  // namespace
}  // namespace patchbay::accounts
