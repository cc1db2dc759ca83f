#include "lib/keyterms/terms.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::keyterms {
namespace {

using accounts::v1::KeyTerms;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

KeyTerms Terms(const char* text) {
  KeyTerms terms;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &terms)) << text;
  return terms;
}

std::vector<std::string> FieldsOf(const std::vector<TermProblem>& problems) {
  std::vector<std::string> fields;
  for (const auto& problem : problems) fields.push_back(problem.field);
  return fields;
}

TEST(Terms, ThatLimitNothingAreFine) { EXPECT_TRUE(Check({}).ok()); }

TEST(Terms, OfEveryKindAreFine) {
  EXPECT_THAT(ProblemsOf(Terms(R"pb(
                models: "gpt-5.5"
                models: "claude-*"
                providers: "codex"
                tags: "team-a"
                dialects: "openai_responses"
                dialects: "anthropic"
                tiers: "standard"
                tiers: "priority"
                highest_effort: "high"
                sources: "10.0.0.0/8"
                requests_per_minute: 60
                tokens_per_minute: 100000
                concurrency: 4
                budgets { period: BUDGET_PERIOD_DAY nano_dollars: 5000000000 }
                budgets { period: BUDGET_PERIOD_DAY tokens: 1000000 }
                budgets { period: BUDGET_PERIOD_MONTH nano_dollars: 1 }
                fallback_model: "gpt-5.5-mini"
              )pb")),
              IsEmpty());
}

TEST(Terms, SayEachThingThatCannotBe) {
  EXPECT_THAT(FieldsOf(ProblemsOf(Terms(R"pb(
                models: "two words"
                providers: ""
                tags: "a,b"
                dialects: "esperanto"
                tiers: "gold"
                highest_effort: "heroic"
                sources: "10.0.0.1/8"
                requests_per_minute: -1
                tokens_per_minute: -1
                concurrency: -1
                budgets { period: BUDGET_PERIOD_DAY }
                budgets { tokens: 5 }
                budgets { period: BUDGET_PERIOD_WEEK tokens: 5 }
                budgets { period: BUDGET_PERIOD_WEEK tokens: 6 }
                fallback_model: "gpt-*"
              )pb"))),
              ElementsAre("models", "providers", "tags", "dialects", "tiers", "highest_effort", "sources",
                          "requests_per_minute", "tokens_per_minute", "concurrency", "budgets", "budgets", "budgets",
                          "fallback_model"));
}

TEST(Terms, NameWhatIsKnownInsteadOfAWrongWord) {
  const auto checked = Check(Terms(R"pb(tiers: "gold")pb"));
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().message, "tiers: 'gold' is none of standard, priority, flex, scale");
  EXPECT_THAT(Check(Terms(R"pb(dialects: "x")pb")).error().message, HasSubstr("openai_chat, openai_responses"));
}

TEST(Terms, HoldListsOfAHundred) {
  KeyTerms terms;
  for (int i = 0; i < 100; ++i) terms.add_models("m" + std::to_string(i));
  EXPECT_TRUE(Check(terms).ok());
  terms.add_models("one-more");
  EXPECT_EQ(Check(terms).error().message, "models: holds more than 100");
}

TEST(Efforts, AreMoreThanTheHighestByTheirPlaceInTheOrder) {
  const KeyTerms terms = Terms(R"pb(highest_effort: "medium")pb");
  for (const char* fine : {"", "none", "low", "medium"}) EXPECT_FALSE(ExceedsEffort(terms, fine)) << fine;
  for (const char* more : {"high", "ultra", "heroic"}) EXPECT_TRUE(ExceedsEffort(terms, more)) << more;
  EXPECT_FALSE(ExceedsEffort(KeyTerms(), "ultra")) << "there is no highest";
  EXPECT_FALSE(ExceedsEffort(Terms(R"pb(highest_effort: "ultra")pb"), "heroic")) << "a word of no place is the highest";
}

TEST(Efforts, OfAModelAreAllowedWhereOneIsLowEnough) {
  const KeyTerms terms = Terms(R"pb(highest_effort: "low")pb");
  EXPECT_TRUE(AllowsSomeEffort(terms, std::vector<std::string>{"low", "high"}));
  EXPECT_FALSE(AllowsSomeEffort(terms, std::vector<std::string>{"medium", "high"}));
  EXPECT_FALSE(AllowsSomeEffort(terms, std::vector<std::string>{"heroic"}));
  EXPECT_TRUE(AllowsSomeEffort(terms, std::vector<std::string>{})) << "nothing is known of it";
}

TEST(Models, AreAllowedByAnyOfTheirNames) {
  const auto allows = [](const char* pattern, std::initializer_list<std::string_view> names) {
    KeyTerms terms;
    terms.add_models(pattern);
    return AllowsModel(terms, std::span(names.begin(), names.size()));
  };
  EXPECT_TRUE(allows("gpt-5.5", {"my-alias", "openai/gpt-5.5", "gpt-5.5"}));
  EXPECT_TRUE(allows("openai/*", {"openai/gpt-5.5", "gpt-5.5"}));
  EXPECT_TRUE(allows("*mini", {"gpt-5.5-mini"}));
  EXPECT_FALSE(allows("gpt-5.5", {"gpt-5.5-mini"}));
  EXPECT_FALSE(allows("gpt-*", {"claude-opus"}));
  EXPECT_FALSE(allows("gpt-*", {}));
}

TEST(Models, AreAllAllowedWhereNoneIsNamed) { EXPECT_TRUE(AllowsModel({}, {})); }

TEST(Words, AreAllowedWhereNoneIsNamed) {
  EXPECT_TRUE(Allows(KeyTerms().tiers(), "priority"));
  EXPECT_TRUE(Allows(Terms(R"pb(tiers: "priority")pb").tiers(), "priority"));
  EXPECT_FALSE(Allows(Terms(R"pb(tiers: "priority")pb").tiers(), kStandardTier));
}

}  // namespace
}  // namespace patchbay::keyterms
