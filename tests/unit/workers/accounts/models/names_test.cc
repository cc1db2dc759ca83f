#include "workers/accounts/models/names.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/unit/workers/accounts/providers/rows.h"

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

  ModelCatalog catalog_{CatalogProviders()};
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
  EXPECT_EQ(Of("gpt-5.6-luna-fast"), "codex gpt-5.6-luna - priority");
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
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-5.5", {}, {}}, "none"), "low");
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-5.5", {}, {}}, "medium"), "medium");
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-5.5", {}, {}}, "max"), "xhigh");
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-9", {}, {}}, "none"), "none") << "a model that nobody knows";
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-5.5", {}, {}}, "ultra"), "xhigh");
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-6-luna", {}, {}}, "ultra"), "max");
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-6-sol", {}, {}}, "max"), "max");
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-6-sol", {}, {}}, "ultra"), "max")
      << "what is behind it happens in the client";
  EXPECT_EQ(names_.FitEffort({"codex", "gpt-6-sol", {}, {}}, "banana"), "banana")
      << "the provider says what is wrong with it";
}

TEST_F(NamesTest, ReadsEveryEffortOfAModelThatIsKnown) {
  EXPECT_EQ(Of("gpt-6-sol-max"), "codex gpt-6-sol max -");
  EXPECT_EQ(Of("gpt-6-sol:max"), "codex gpt-6-sol max -");
  EXPECT_EQ(Of("gpt-6-sol:high-fast"), "codex gpt-6-sol high priority");
  EXPECT_EQ(Of("gpt-6-sol-ultra"), "codex gpt-6-sol max -");
  EXPECT_EQ(Of("gpt-6-luna:ultra"), "codex gpt-6-luna max -");
  EXPECT_EQ(Of("gpt-5.5-max"), "codex gpt-5.5 xhigh -");
  EXPECT_EQ(Of("gpt-5.5-none"), "codex gpt-5.5 low -");
  EXPECT_EQ(Of("claude-opus-5-5-max"), "codex gpt-6.2-sol max -");
  EXPECT_EQ(Of("codex:gpt-6-sol:max"), "codex gpt-6-sol max -");
  EXPECT_EQ(Of("gpt-9-max"), "codex gpt-9-max - -") << "it may be its name";
}

TEST_F(NamesTest, ReadsAnEffortThatOnlyTheProvidersListKnows) {
  Model model;
  model.id = "gpt-7";
  model.provider = "codex";
  model.efforts = {"low", "deep"};
  model.entry = "{}";
  catalog_.Put({"codex", "plus", {}, {model}});
  EXPECT_EQ(Of("gpt-7-deep"), "codex gpt-7 deep -");
  EXPECT_EQ(Of("gpt-7-high"), "codex gpt-7 low -");
  EXPECT_EQ(Of("gpt-8-deep"), "codex gpt-8-deep - -");
}

TEST_F(NamesTest, KnowsEachNameBehindAnotherVendorsToo) {
  names_.Configure({{"small", "gpt-6-luna-low"}}, true);
  EXPECT_EQ(Of("claude-gpt-6-sol"), "codex gpt-6-sol - -");
  EXPECT_EQ(Of("claude-gpt-6-sol-ultra"), "codex gpt-6-sol max -");
  EXPECT_EQ(Of("claude-gpt-5.5-high-fast"), "codex gpt-5.5 high priority");
  EXPECT_EQ(Of("claude-small"), "codex gpt-6-luna low -");
  EXPECT_EQ(Of("claude-small-high"), "codex gpt-6-luna high -");
  EXPECT_EQ(Of("anthropic/gpt-6-sol"), "codex gpt-6-sol - -");
  EXPECT_EQ(Of("anthropic/claude-haiku-4.5"), "codex gpt-6-luna - -");
  EXPECT_EQ(Of("claude-gpt-9"), "codex gpt-9 - -") << "never another model in silence";
  EXPECT_EQ(Of("anthropic/llama-4"), "unknown");
}

TEST_F(NamesTest, TheOperatorsPatternForAVendorStandsBeforeOurs) {
  names_.Configure({{"anthropic/*", "gpt-5.5"}}, true);
  EXPECT_EQ(Of("anthropic/claude-opus-5-5"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("anthropic/gpt-6-sol"), "codex gpt-6-sol - -");
}

TEST_F(NamesTest, TellsWhatStandsBehindAModelThatIsRefused) {
  const auto models = [&](const std::string& name) {
    std::vector<std::string> ids;
    const auto choices = names_.Choices(name);
    for (const ModelChoice& choice : *choices) ids.push_back(choice.wire_model);
    return ids;
  };
  EXPECT_THAT(models("claude-opus-5-5"),
              ElementsAre("gpt-6.2-sol", "gpt-6.1-sol", "gpt-6-sol", "gpt-5.6-sol", "gpt-5.5"));
  EXPECT_THAT(models("gpt-6-sol"), ElementsAre("gpt-6-sol")) << "a model that was named is not another";
  EXPECT_THAT(models("llama-4"), ElementsAre());
  names_.Configure({{"x", "gpt-9, gpt-6-luna-low, gpt-8, gpt-5.5-fast"}}, true);
  EXPECT_THAT(models("x"), ElementsAre("gpt-6-luna", "gpt-5.5")) << "one guess is enough";
  EXPECT_EQ((*names_.Choices("x-max"))[0].effort, "max");
  EXPECT_EQ((*names_.Choices("x-max"))[1].effort, "xhigh");
}

TEST_F(NamesTest, WhatIsRememberedOfANameIsForgottenWithTheListBehindIt) {
  EXPECT_EQ(names_.Choices("claude-opus-5-5")->front().wire_model, "gpt-6.2-sol");
  Model model;
  model.id = "gpt-5.5";
  model.provider = "codex";
  model.entry = "{}";
  catalog_.Expect({{"codex", "free"}});
  catalog_.Put({"codex", "free", {}, {model}});
  EXPECT_EQ(names_.Choices("claude-opus-5-5")->front().wire_model, "gpt-5.5");
  names_.Configure({{"claude-*", "gpt-9"}}, true);
  EXPECT_EQ(names_.Choices("claude-opus-5-5")->front().wire_model, "gpt-9");
}

TEST_F(NamesTest, APrefixChoosesTheProvider) {
  EXPECT_EQ(Of("codex:gpt-5.5"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("openai:gpt-5.5-high"), "codex gpt-5.5 high -");
  EXPECT_EQ(Of("openai:codex:gpt-5.5"), "unknown");
}

class NamesOfSeveral : public NamesTest {
 protected:
  NamesOfSeveral() {
    catalog_.Expect({{"codex", "plus"}, {"openai", ""}, {"openrouter", ""}, {"groq", ""}},
                    {"codex", "openai", "openrouter", "groq"});
    Tell("codex", "plus", {"gpt-5.5", "gpt-6"});
    Tell("openai", "", {"gpt-5.5", "o9"});
    Tell("openrouter", "", {"openai/gpt-5.5", "deepseek/deepseek-r1:free"});
  }
  void Tell(const std::string& provider, const std::string& plan, const std::vector<std::string>& ids) {
    std::vector<Model> models;
    for (const std::string& id : ids) {
      Model model;
      model.id = id;
      model.provider = provider;
      model.told = true;
      models.push_back(model);
    }
    catalog_.Put({provider, plan, {}, std::move(models)});
  }
  std::vector<std::string> ChoicesOf(const std::string& name) const {
    std::vector<std::string> choices;
    const auto found = names_.Choices(name);
    for (const ModelChoice& choice : *found) choices.push_back(choice.provider + " " + choice.wire_model);
    return choices;
  }
};

TEST_F(NamesOfSeveral, LeadToEachProviderThatHasTheModel) {
  EXPECT_THAT(ChoicesOf("gpt-5.5"), ElementsAre("codex gpt-5.5", "openai gpt-5.5"));
  EXPECT_THAT(ChoicesOf("gpt-5.5-high"), ElementsAre("codex gpt-5.5", "openai gpt-5.5"));
  EXPECT_THAT(ChoicesOf("gpt-6"), ElementsAre("codex gpt-6"));
  EXPECT_THAT(ChoicesOf("o9"), ElementsAre("openai o9"));
  names_.Configure({{"smart", "gpt-5.5, o9"}}, true);
  EXPECT_THAT(ChoicesOf("smart"), ElementsAre("codex gpt-5.5", "openai gpt-5.5", "openai o9"));
}

TEST_F(NamesOfSeveral, WithAPrefixLeadToThatProvider) {
  EXPECT_THAT(ChoicesOf("codex/gpt-5.5"), ElementsAre("codex gpt-5.5"));
  EXPECT_THAT(ChoicesOf("openai:gpt-5.5"), ElementsAre("codex gpt-5.5", "openai gpt-5.5"));
  EXPECT_THAT(ChoicesOf("openai:o9-high"), ElementsAre("openai o9"));
  EXPECT_THAT(ChoicesOf("openai:gpt-6"), ElementsAre("codex gpt-6")) << "it is named so, too";
  EXPECT_THAT(ChoicesOf("openrouter/openai/gpt-5.5"), ElementsAre("openrouter openai/gpt-5.5"));
  EXPECT_THAT(ChoicesOf("openrouter/deepseek/deepseek-r1:free"), ElementsAre("openrouter deepseek/deepseek-r1:free"));
  EXPECT_THAT(ChoicesOf("deepseek/deepseek-r1:free"), ElementsAre("openrouter deepseek/deepseek-r1:free"));
}

TEST_F(NamesOfSeveral, ThatNobodyListsAreForTheProviderThatIsNamed) {
  EXPECT_THAT(ChoicesOf("groq/llama-9"), ElementsAre("groq llama-9"));
  EXPECT_THAT(ChoicesOf("groq:org/llama-9-high"), ElementsAre("groq org/llama-9"));
  EXPECT_THAT(ChoicesOf("llama-9"), ElementsAre());
  EXPECT_THAT(ChoicesOf("codex/llama-9"), ElementsAre()) << "it says how its models are called";
  EXPECT_THAT(ChoicesOf("grok-9"), ElementsAre()) << "xai might have it, but there is no account of it";
}

TEST_F(NamesTest, ServesTheNamesOfOtherVendorsByModelsOfTheirSize) {
  EXPECT_EQ(Of("claude-opus-5-5"), "codex gpt-6.2-sol - -");
  EXPECT_EQ(Of("claude-opus-4-8"), "codex gpt-6.2-sol - -");
  EXPECT_EQ(Of("claude-fable-5-2"), "codex gpt-6.2-astra - -");
  EXPECT_EQ(Of("claude-sonnet-4-5-20250929"), "codex gpt-6.1-terra - -");
  EXPECT_EQ(Of("claude-3-5-haiku-latest"), "codex gpt-6-luna - -");
  EXPECT_EQ(Of("claude-haiku-7"), "codex gpt-6-luna - -");
  EXPECT_EQ(Of("claude-next"), "codex gpt-6.1-terra - -");
  EXPECT_EQ(Of("gemini-3.5-flash-lite"), "codex gpt-6-luna - -");
  EXPECT_EQ(Of("gemini-3.8-flash"), "codex gpt-6-luna - -");
  EXPECT_EQ(Of("gemini-3-pro-preview"), "codex gpt-6.2-sol - -");
  EXPECT_EQ(Of("gemini-exp"), "codex gpt-6.1-terra - -");
  EXPECT_EQ(Of("claude-sonnet-4-5-high-fast"), "codex gpt-6.1-terra high priority");
  EXPECT_EQ(Of("claude-opus-4-8[1m]"), "codex gpt-6.2-sol - -");
}

TEST_F(NamesTest, TheOperatorsAliasesStandBeforeTheBuiltInOnesAndTheCatalogue) {
  names_.Configure(
      {{"claude-*", "gpt-5.5"}, {"gpt-6-sol", "gpt-6-astra"}, {"small", "gpt-6-luna-low"}, {"gemini-*", ""}}, true);
  EXPECT_EQ(Of("claude-opus-4-8"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("gpt-6-sol"), "codex gpt-6-astra - -");
  EXPECT_EQ(Of("gpt-6-sol-high"), "codex gpt-6-astra high -");
  EXPECT_EQ(Of("small"), "codex gpt-6-luna low -");
  EXPECT_EQ(Of("gemini-3-pro"), "unknown");
}

TEST_F(NamesTest, WhatTheClientWroteWinsOverWhatAnAliasSays) {
  names_.Configure({{"big", "gpt-5.6-sol-high-fast"}}, true);
  EXPECT_EQ(Of("big"), "codex gpt-5.6-sol high priority");
  EXPECT_EQ(Of("big-low"), "codex gpt-5.6-sol low priority");
}

TEST_F(NamesTest, ThePatternThatSpellsOutMostIsTaken) {
  names_.Configure(
      {{"my-*", "gpt-6-sol"}, {"my-*-big", "gpt-5.5"}, {"*", "gpt-6-astra"}, {"my-exact-big", "gpt-6-luna"}}, false);
  EXPECT_EQ(Of("my-one"), "codex gpt-6-sol - -");
  EXPECT_EQ(Of("my-one-big"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("my-exact-big"), "codex gpt-6-luna - -");
  EXPECT_EQ(Of("whatever"), "codex gpt-6-astra - -");
  EXPECT_EQ(Of("whatever-high"), "codex gpt-6-astra high -");
}

TEST_F(NamesTest, AnAliasMayLeadToAnother) {
  names_.Configure({{"a", "b-high"}, {"b", "claude-opus-4-8"}}, true);
  EXPECT_EQ(Of("a"), "codex gpt-6.2-sol high -");
}

TEST_F(NamesTest, AliasesThatGoInACircleLeadNowhere) {
  names_.Configure({{"a", "b"}, {"b", "a"}, {"c-*", "c-x-high"}}, true);
  EXPECT_EQ(Of("a"), "unknown");
  EXPECT_EQ(Of("c-1"), "unknown");
  EXPECT_THAT(Steps("a").back(), HasSubstr("without end"));
}

TEST_F(NamesTest, AnAliasMaySayWhoseModelOfItsNameItIs) {
  names_.Configure({{"gpt-5.5", "codex/gpt-5.5"}, {"gpt-9", "codex:gpt-9-high"}, {"a", "codex:a"}}, true);
  EXPECT_EQ(Of("gpt-5.5"), "codex gpt-5.5 - -");
  EXPECT_EQ(Of("gpt-9"), "codex gpt-9 high -");
  EXPECT_EQ(Of("a"), "unknown") << "codex has none of that name";
}

TEST_F(NamesTest, BuiltInAliasesCanBeTurnedOff) {
  names_.Configure({}, false);
  EXPECT_EQ(Of("claude-opus-4-8"), "unknown");
  EXPECT_EQ(Of("gemini-3-pro"), "unknown");
}

TEST_F(NamesTest, ExplainsEachStep) {
  EXPECT_THAT(Steps("claude-sonnet-4-5-high"),
              ElementsAre("the suffix -high asks for the reasoning effort high",
                          "claude-sonnet-4-5 fits the built-in alias claude-*sonnet*, which stands for gpt-6.1-terra, "
                          "gpt-5.6-terra, gpt-5.5",
                          "gpt-6.1-terra is the first of them that an account can use",
                          "gpt-6.1-terra is a model of codex's catalog"));
}

}  // namespace
}  // namespace patchbay::accounts
