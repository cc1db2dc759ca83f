#include "workers/frontend/call/grant_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Writes down what it is asked for.
class FakeBytes final : public ClientBytes {
 public:
  std::string_view dialect() const override { return "fake"; }
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override {
    RelayedRequest relayed;
    relayed.body = std::make_shared<const std::string>(terms.model + "," + terms.reasoning_effort + "," +
                                                       terms.service_tier + "," + terms.provider_dialect +
                                                       (terms.without_sealed_reasoning ? ",unsealed" : ""));
    relayed.ignored = {"temperature"};
    return relayed;
  }
  Result<TranslatedRequest> Translated() const override {
    ++translated;
    TranslatedRequest out;
    out.request.mutable_reasoning()->set_effort("max");
    out.request.set_tier(inference::v1::TIER_FLEX);
    out.ignored = {"phase"};
    out.repaired = {"call_without_result:c1"};
    return out;
  }
  std::int64_t EstimateInputTokens() const override { return 0; }
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }
  mutable int translated = 0;
};

GrantTerms Terms(const std::string& model, bool relay = false) {
  GrantTerms terms;
  terms.model = model;
  terms.relay = relay;
  terms.provider_dialect = relay ? "fake" : "other";
  return terms;
}

const Affinity kAffinity{.key = "k", .session_id = "session", .source = "s"};

TEST(GrantEdits, RelayTheClientsBytesWhereTheGrantSaysSo) {
  const auto bytes = std::make_shared<FakeBytes>();
  Payload payload(bytes);
  GrantEdits edits(payload);
  const auto route = edits.Apply(Terms("wire", true), kAffinity, payload);
  ASSERT_TRUE(route.ok());
  EXPECT_TRUE(route->relay);
  EXPECT_EQ(*route->relayed.body, "wire,,,fake");
  EXPECT_THAT(route->ignored, ElementsAre("temperature"));
  EXPECT_EQ(bytes->translated, 0) << "nobody needed it";
}

TEST(GrantEdits, TranslateThemOnceForEverybodyElse) {
  const auto bytes = std::make_shared<FakeBytes>();
  Payload payload(bytes);
  GrantEdits edits(payload);
  for (const char* model : {"a", "b"}) {
    const auto route = edits.Apply(Terms(model), kAffinity, payload);
    ASSERT_TRUE(route.ok());
    EXPECT_FALSE(route->relay);
    EXPECT_EQ(route->provider_dialect, "other");
    EXPECT_EQ(payload.canonical->model(), model);
    EXPECT_EQ(payload.canonical->cache().session_id(), "session");
    EXPECT_THAT(route->ignored, ElementsAre("phase"));
    EXPECT_THAT(route->repaired, ElementsAre("call_without_result:c1"));
  }
  EXPECT_EQ(bytes->translated, 1);
}

// What one way loses, the other does not.
TEST(GrantEdits, TakeAnotherWayWhenTheNextGrantNamesOne) {
  Payload payload(std::make_shared<FakeBytes>());
  GrantEdits edits(payload);
  EXPECT_TRUE(edits.Apply(Terms("a", true), kAffinity, payload)->relay);
  EXPECT_FALSE(edits.Apply(Terms("b"), kAffinity, payload)->relay);
  const auto back = edits.Apply(Terms("c", true), kAffinity, payload);
  EXPECT_EQ(*back->relayed.body, "c,,,fake");
  EXPECT_THAT(back->ignored, ElementsAre("temperature"));
  EXPECT_THAT(back->repaired, IsEmpty());
}

TEST(GrantEdits, TranslateWhatHasNoBytesWhateverTheGrantSays) {
  Payload payload = inference::v1::GenerateRequest();
  GrantEdits edits(payload);
  EXPECT_FALSE(edits.Apply(Terms("m", true), kAffinity, payload)->relay);
}

TEST(GrantEdits, GiveACanonicalRequestItsOwnEffortAndTierBack) {
  inference::v1::GenerateRequest request;
  request.mutable_reasoning()->set_effort("max");
  request.set_tier(inference::v1::TIER_FLEX);
  Payload payload = request;
  GrantEdits edits(payload);
  GrantTerms fitted = Terms("m");
  fitted.reasoning_effort = "xhigh";
  fitted.service_tier = "priority";
  fitted.effort_fitted = true;
  EXPECT_THAT(edits.Apply(fitted, kAffinity, payload)->repaired, ElementsAre("reasoning_effort:max"));
  EXPECT_EQ(payload.canonical->reasoning().effort(), "xhigh");
  EXPECT_EQ(payload.canonical->tier(), inference::v1::TIER_PRIORITY);
  EXPECT_THAT(edits.Apply(Terms("n"), kAffinity, payload)->repaired, IsEmpty());
  EXPECT_EQ(payload.canonical->reasoning().effort(), "max");
  EXPECT_EQ(payload.canonical->tier(), inference::v1::TIER_FLEX);
}

TEST(GrantEdits, PutAWordThatWasGrantedInPlaceOfABudgetOfTokens) {
  inference::v1::GenerateRequest request;
  request.mutable_reasoning()->set_budget_tokens(60000);
  Payload payload = request;
  GrantEdits edits(payload);
  GrantTerms fitted = Terms("m");
  fitted.reasoning_effort = "low";
  fitted.effort_fitted = true;
  EXPECT_THAT(edits.Apply(fitted, kAffinity, payload)->repaired, ElementsAre("reasoning_effort:60000"));
  EXPECT_EQ(payload.canonical->reasoning().effort(), "low");
  EXPECT_FALSE(payload.canonical->reasoning().has_budget_tokens());
  EXPECT_THAT(edits.Apply(Terms("n"), kAffinity, payload)->repaired, IsEmpty());
  EXPECT_EQ(payload.canonical->reasoning().effort(), "");
  EXPECT_EQ(payload.canonical->reasoning().budget_tokens(), 60000);
}

TEST(GrantEdits, TellThatAModelsOwnEffortWasLowered) {
  Payload payload = inference::v1::GenerateRequest();
  GrantEdits edits(payload);
  GrantTerms fitted = Terms("m");
  fitted.reasoning_effort = "low";
  fitted.effort_fitted = true;
  EXPECT_THAT(edits.Apply(fitted, kAffinity, payload)->repaired, ElementsAre("reasoning_effort"));
  EXPECT_EQ(payload.canonical->reasoning().effort(), "low");
}

TEST(GrantEdits, TellOfAModelThatStandsInForWantOfABudget) {
  Payload payload = inference::v1::GenerateRequest();
  GrantEdits edits(payload);
  GrantTerms terms = Terms("smaller");
  terms.fallback = true;
  EXPECT_THAT(edits.Apply(terms, kAffinity, payload)->repaired, ElementsAre("budget_fallback"));
}

TEST(GrantEdits, AskForTheTierThatTheGrantNames) {
  for (const auto& [word, tier] :
       {std::pair("priority", inference::v1::TIER_PRIORITY), std::pair("flex", inference::v1::TIER_FLEX),
        std::pair("scale", inference::v1::TIER_SCALE), std::pair("", inference::v1::TIER_AUTO)}) {  // the request's own
    inference::v1::GenerateRequest request;
    request.set_tier(inference::v1::TIER_AUTO);
    Payload payload = request;
    GrantEdits edits(payload);
    GrantTerms terms = Terms("m");
    terms.service_tier = word;
    EXPECT_TRUE(edits.Apply(terms, kAffinity, payload).ok());
    EXPECT_EQ(payload.canonical->tier(), tier) << word;
  }
}

TEST(GrantEdits, NeverShowSealedReasoningAgainOnceItHadToStayBehind) {
  inference::v1::GenerateRequest request;
  request.add_items()->mutable_reasoning()->set_encrypted_content("gAAAA");
  Payload payload = request;
  payload.bytes = std::make_shared<FakeBytes>();
  GrantEdits edits(payload);
  GrantTerms unsealed = Terms("m");
  EXPECT_THAT(edits.Apply(unsealed, kAffinity, payload)->repaired, IsEmpty());
  EXPECT_EQ(payload.canonical->items_size(), 1);
  unsealed.without_sealed_reasoning = true;
  EXPECT_THAT(edits.Apply(unsealed, kAffinity, payload)->repaired, ElementsAre("sealed_reasoning"));
  EXPECT_EQ(payload.canonical->items_size(), 0);
  EXPECT_THAT(edits.Apply(Terms("n"), kAffinity, payload)->repaired, ElementsAre("sealed_reasoning"));
  EXPECT_EQ(*edits.Apply(Terms("o", true), kAffinity, payload)->relayed.body, "o,,,fake,unsealed");
}

TEST(SealedReasoning, IsLeftOutOfACanonicalRequest) {
  inference::v1::GenerateRequest request;
  request.add_items()->mutable_message();
  request.add_items()->mutable_reasoning()->set_encrypted_content("gAAAA");
  auto& call = *request.add_items();
  call.set_id("fc_1");
  call.mutable_tool_call()->set_name("f");
  ASSERT_TRUE(DropSealedReasoning(request));
  ASSERT_EQ(request.items_size(), 2);
  EXPECT_EQ(request.items(1).tool_call().name(), "f");
  EXPECT_EQ(request.items(1).id(), "");
  EXPECT_FALSE(DropSealedReasoning(request)) << "there is none any more";
}

}  // namespace
}  // namespace patchbay::frontend
