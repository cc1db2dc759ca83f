#include "workers/accounts/models/names.h"

#include <gmock/gmock.h>

#include <set>

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NamesTest : public ::testing::Test {
 protected:
  NamesTest() { names_.Configure({}, true); }
  // "provider model effort tier", with - for what is empty; "unknown" for no model.
  std::string Of(std::string_view name) const {
    const auto choice = names_.Resolve(name);
    if (!choice) return "unknown";
    const auto shown = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
    return choice->provider + " " + choice->wire_model + " " + shown(choice->effort) + " " +
           shown(choice->service_tier);
  }
  std::vector<std::string> Steps(std::string_view name) const {
    std::vector<std::string> steps;
    names_.Resolve(name, &steps);
    return steps;
  }

  ModelCatalog catalog_;
  ModelNames names_{catalog_};
};

TEST_F(NamesTest, EveryModelOfTheCatalogueIsItsOwnNameOnce) {
  std::set<std::string_view> ids;
  for (const Model& model : catalog_.models()) {
    EXPECT_TRUE(ids.insert(model.id).second) << model.id;
    EXPECT_EQ(Of(model.id), model.provider + " " + model.id + " - -");
  }
}

TEST_F(NamesTest, LetsTheProviderJudgeNewNamesOfItsKind) {
  EXPECT_EQ(Of("gpt-9-ultra"), "codex gpt-9-ultra - -");
  EXPECT_EQ(Of("codex-next"), "codex codex-next - -");
}

TEST_F(NamesTest, KnowsNoOtherNames) {
  for (const std::string& name :
       {std::string(), std::string("llama-4"), std::string("gpt-"), std::string("GPT-5.5"), std::string("gpt-5 5"),
        std::string("gpt-\n"), "gpt-" + std::string(200, 'x'), std::string("-high"), std::string("-fast"),
        std::string("high"), std::string("azure:gpt-5.5"), std::string("codex:"), std::string("gpt-5.5/nope")}) {
    EXPECT_EQ(Of(name), "unknown") << name;
    EXPECT_FALSE(Steps(name).empty()) << name;
  }
}

TEST_F(NamesTest, ReadsEffortAndTierFromTheEndOfAName) {
  EXPECT_EQ(Of("gpt-5.5-low"), "codex gpt-5.5 low -");
  EXPECT_EQ(Of("gpt-5.5-medium"), "codex gpt-5.5 medium -");
  EXPECT_EQ(Of("gpt-5.5-high"), "codex gpt-5.5 high -");
  EXPECT_EQ(Of("gpt-5.5-xhigh"), "codex gpt-5.5 xhigh -");
  EXPECT_EQ(Of("gpt-5.5-fast"), "codex gpt-5.5 - priority");
  EXPECT_EQ(Of("gpt-5.5-high-fast"), "codex gpt-5.5 high priority");
  EXPECT_EQ(Of("gpt-9-ultra-high"), "codex gpt-9-ultra high -");
  EXPECT_EQ(Of("gpt-5.4-mini-fast"), "codex gpt-5.4-mini - priority");
  EXPECT_EQ(Of("codex-auto-review-xhigh-fast"), "codex codex-auto-review xhigh priority");
}

TEST_F(NamesTest, TakesOneSuffixOfEachKindInOneOrder) {
  EXPECT_EQ(Of("gpt-5.5-high-low"), "codex gpt-5.5-high low -");
  EXPECT_EQ(Of("gpt-5.5-fast-low"), "codex gpt-5.5-fast low -");
}

TEST_F(NamesTest, TakesTheNearestEffortThatTheModelKnows) {
  EXPECT_EQ(Of("gpt-5.5-minimal"), "codex gpt-5.5 low -");
  EXPECT_EQ(Of("gpt-9-minimal"), "codex gpt-9 minimal -");
  EXPECT_THAT(Steps("gpt-5.5-minimal").back(), HasSubstr("nearest"));
}

TEST_F(NamesTest, FitsTheRequestsOwnEffortTheSameWay) {
  EXPECT_EQ(names_.FitEffort("gpt-5.5", "none"), "low");
  EXPECT_EQ(names_.FitEffort("gpt-5.5", "medium"), "medium");
  EXPECT_EQ(names_.FitEffort("gpt-5.5", "max"), "xhigh");
  EXPECT_EQ(names_.FitEffort("gpt-9", "none"), "none") << "a model that nobody knows";
}

TEST_F(NamesTest, APrefixChoosesTheProvider) {
  EXPECT_EQ(Of("codex:gpt-5.5"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("openai:gpt-5.5-high"), "codex gpt-5.5 high -");
  EXPECT_EQ(Of("openai:codex:gpt-5.5"), "unknown");
}

TEST_F(NamesTest, ServesTheNamesOfOtherVendorsByModelsOfTheirSize) {
  EXPECT_EQ(Of("claude-opus-4-8"), "codex gpt-5.6-sol - -");
  EXPECT_EQ(Of("claude-sonnet-4-5-20250929"), "codex gpt-5.6-terra - -");
  EXPECT_EQ(Of("claude-3-5-haiku-latest"), "codex gpt-5.6-luna - -");
  EXPECT_EQ(Of("claude-next"), "codex gpt-5.6-terra - -");
  EXPECT_EQ(Of("gemini-3.5-flash-lite"), "codex gpt-5.6-luna - -");
  EXPECT_EQ(Of("gemini-3.8-flash"), "codex gpt-5.6-luna - -");
  EXPECT_EQ(Of("gemini-3-pro-preview"), "codex gpt-5.6-sol - -");
  EXPECT_EQ(Of("gemini-exp"), "codex gpt-5.6-terra - -");
  EXPECT_EQ(Of("claude-sonnet-4-5-high-fast"), "codex gpt-5.6-terra high priority");
  EXPECT_EQ(Of("claude-opus-4-8[1m]"), "codex gpt-5.6-sol - -");
}

TEST_F(NamesTest, TheOperatorsAliasesStandBeforeTheBuiltInOnesAndTheCatalogue) {
  names_.Configure({{"claude-*", "gpt-5.5"}, {"gpt-5.4", "gpt-5.2"}, {"small", "gpt-5.4-mini-low"}, {"gemini-*", ""}},
                   true);
  EXPECT_EQ(Of("claude-opus-4-8"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("gpt-5.4"), "codex gpt-5.2 - -");
  EXPECT_EQ(Of("gpt-5.4-high"), "codex gpt-5.2 high -");
  EXPECT_EQ(Of("small"), "codex gpt-5.4-mini low -");
  EXPECT_EQ(Of("gemini-3-pro"), "unknown");
}

TEST_F(NamesTest, WhatTheClientWroteWinsOverWhatAnAliasSays) {
  names_.Configure({{"big", "gpt-5.6-sol-high-fast"}}, true);
  EXPECT_EQ(Of("big"), "codex gpt-5.6-sol high priority");
  EXPECT_EQ(Of("big-low"), "codex gpt-5.6-sol low priority");
}

TEST_F(NamesTest, ThePatternThatSpellsOutMostIsTaken) {
  names_.Configure({{"my-*", "gpt-5.2"}, {"my-*-big", "gpt-5.5"}, {"*", "gpt-5.4"}, {"my-exact-big", "gpt-5.4-mini"}},
                   false);
  EXPECT_EQ(Of("my-one"), "codex gpt-5.2 - -");
  EXPECT_EQ(Of("my-one-big"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("my-exact-big"), "codex gpt-5.4-mini - -");
  EXPECT_EQ(Of("whatever"), "codex gpt-5.4 - -");
  EXPECT_EQ(Of("whatever-high"), "codex gpt-5.4 high -");
}

TEST_F(NamesTest, AnAliasMayLeadToAnother) {
  names_.Configure({{"a", "b-high"}, {"b", "claude-opus-4-8"}}, true);
  EXPECT_EQ(Of("a"), "codex gpt-5.6-sol high -");
}

TEST_F(NamesTest, AliasesThatGoInACircleLeadNowhere) {
  names_.Configure({{"a", "b"}, {"b", "a"}, {"c-*", "c-x-high"}}, true);
  EXPECT_EQ(Of("a"), "unknown");
  EXPECT_EQ(Of("c-1"), "unknown");
  EXPECT_THAT(Steps("a").back(), HasSubstr("without end"));
}

TEST_F(NamesTest, BuiltInAliasesCanBeTurnedOff) {
  names_.Configure({}, false);
  EXPECT_EQ(Of("claude-opus-4-8"), "unknown");
  EXPECT_EQ(Of("gemini-3-pro"), "unknown");
}

TEST_F(NamesTest, ExplainsEachStep) {
  EXPECT_THAT(Steps("claude-sonnet-4-5-high"),
              ElementsAre("the suffix -high asks for the reasoning effort high",
                          "claude-sonnet-4-5 fits the built-in alias claude-*sonnet*, which stands for gpt-5.6-terra, "
                          "gpt-5.5",
                          "gpt-5.6-terra is the first of them that an account can use",
                          "gpt-5.6-terra is a model of codex's catalog"));
}

}  // namespace
}  // namespace patchbay::accounts
