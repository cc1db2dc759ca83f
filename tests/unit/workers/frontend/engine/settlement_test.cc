#include "workers/frontend/engine/settlement.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/engine/engine_testing.h"

namespace patchbay::frontend {
namespace {

Payload ATranslated() {
  inference::v1::GenerateRequest request;
  request.add_items()->mutable_message()->add_parts()->set_text("Hi");
  return Payload(std::move(request));
}

// What a client asks beside its conversation.
class SideQuestion final : public ClientBytes {
 public:
  std::string_view dialect() const override { return "openai_search"; }
  Result<RelayedRequest> Relayed(const GrantTerms&) const override { return RelayedRequest(); }
  Result<TranslatedRequest> Translated() const override { return Error(ErrorCode::kUnsupported, "it has none"); }
  std::int64_t EstimateInputTokens() const override { return 0; }
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }
};

// An answer of 8 bytes, of which the provider told no usage.
AttemptFacts Silent() {
  AttemptFacts facts;
  facts.accepted = true;
  facts.first_output = std::chrono::milliseconds(5);
  facts.text_bytes = 8;
  return facts;
}

TEST(Settlement, TakesTheProvidersWordHoweverTheCallEnded) {
  AttemptFacts facts = Silent();
  facts.end.mutable_usage()->set_output_tokens(41);
  for (const auto outcome :
       {accounts::v1::OUTCOME_SUCCEEDED, accounts::v1::OUTCOME_FAILED, accounts::v1::OUTCOME_ABANDONED}) {
    const Used used = UsedBy(ATranslated(), facts, outcome);
    EXPECT_EQ(used.usage.output_tokens(), 41);
    EXPECT_FALSE(used.estimated);
  }
}

TEST(Settlement, EstimatesWhatAProviderUsedAndDidNotTell) {
  for (const auto outcome :
       {accounts::v1::OUTCOME_SUCCEEDED, accounts::v1::OUTCOME_FAILED, accounts::v1::OUTCOME_ABANDONED}) {
    const Used used = UsedBy(ATranslated(), Silent(), outcome);
    EXPECT_TRUE(used.estimated);
    EXPECT_GT(used.usage.input_tokens(), 0);
    EXPECT_EQ(used.usage.output_tokens(), 2);
  }
}

TEST(Settlement, EstimatesOfARelayByItsBytes) {
  AttemptFacts facts = Silent();
  facts.relayed = true;
  facts.raw_bytes = 30;
  const Used used =
      UsedBy(Payload(std::make_shared<const FakeClientBytes>("{}")), facts, accounts::v1::OUTCOME_ABANDONED);
  EXPECT_EQ(used.usage.input_tokens(), 7);
  EXPECT_EQ(used.usage.output_tokens(), 30);
}

TEST(Settlement, CountsNothingWhereNoModelHasWorked) {
  AttemptFacts refused = Silent();
  refused.accepted = false;
  EXPECT_FALSE(UsedBy(ATranslated(), refused, accounts::v1::OUTCOME_ABANDONED).estimated);
  AttemptFacts failed = Silent();
  failed.first_output.reset();
  EXPECT_FALSE(UsedBy(ATranslated(), failed, accounts::v1::OUTCOME_FAILED).estimated);
  AttemptFacts relayed = Silent();
  relayed.relayed = true;
  const Payload side_question(std::make_shared<const SideQuestion>());
  EXPECT_FALSE(UsedBy(side_question, relayed, accounts::v1::OUTCOME_SUCCEEDED).estimated);
}

TEST(Settlement, TellsTheTierThatTheProviderWasAskedFor) {
  CallSpec spec;
  spec.call.payload = ATranslated();
  AttemptFacts facts = Silent();
  facts.service_tier = "priority";
  EXPECT_EQ(SettlementOf(spec, facts, accounts::v1::OUTCOME_SUCCEEDED, SteadyTime{}).service_tier(), "priority");
}

}  // namespace
}  // namespace patchbay::frontend
