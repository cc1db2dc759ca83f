#include "workers/upstream/dialects/common/wishes.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char* kEveryWish = R"pb(
  sampling {
    temperature: 0
    top_p: 1
    top_k: 1
    min_p: 0
    max_output_tokens: 5
    seed: 1
    presence_penalty: 0
    frequency_penalty: 0
    repetition_penalty: 1
    logit_bias { key: "1" value: 2 }
    logprobs: 0
    n: 2
  }
  user_id: "u"
  safety_identifier: "s"
  metadata { key: "a" value: "b" }
)pb";

TEST(Wishes, AreLeftToAProviderThatTakesThem) {
  auto request = Parsed<inference::v1::GenerateRequest>(kEveryWish);
  FitNotes notes;
  FitWishes(request, Wishes::All(), notes);
  EXPECT_EQ(InOneLine(request), InOneLine(Parsed<inference::v1::GenerateRequest>(kEveryWish)));
  EXPECT_THAT(notes.ignored, IsEmpty());
}

TEST(Wishes, AreNamedWhereAProviderTakesNone) {
  auto request = Parsed<inference::v1::GenerateRequest>(kEveryWish);
  FitNotes notes;
  FitWishes(request, Wishes::None(), notes);
  EXPECT_EQ(InOneLine(request), "sampling { }");
  EXPECT_THAT(notes.ignored,
              UnorderedElementsAre("temperature", "top_p", "top_k", "min_p", "max_output_tokens", "seed",
                                   "presence_penalty", "frequency_penalty", "repetition_penalty", "logit_bias",
                                   "logprobs", "n", "user_id", "safety_identifier", "metadata"));
}

TEST(Wishes, AreToldApart) {
  auto request = Parsed<inference::v1::GenerateRequest>("sampling { temperature: 1 top_k: 2 seed: 3 }");
  FitNotes notes;
  FitWishes(request, {Wish::kTemperature, Wish::kSeed}, notes);
  EXPECT_THAT(notes.ignored, ElementsAre("top_k"));
  FitWishes(request, Wishes::All().Without(Wish::kSeed), notes);
  EXPECT_THAT(notes.ignored, ElementsAre("top_k", "seed"));
  EXPECT_EQ(InOneLine(request), "sampling { temperature: 1 }");
}

std::string Thought(Thinking takes, const std::string& reasoning) {
  auto fitted = Parsed<inference::v1::Reasoning>(reasoning);
  FitThinking(takes, fitted);
  return InOneLine(fitted);
}

TEST(ThinkingOf, TokensBecomesAnEffortInWords) {
  EXPECT_EQ(Thought(Thinking::kWords, "budget_tokens: 0"), R"(effort: "none")");
  EXPECT_EQ(Thought(Thinking::kWords, "budget_tokens: 4096"), R"(effort: "low")");
  EXPECT_EQ(Thought(Thinking::kWords, "budget_tokens: 4097"), R"(effort: "medium")");
  EXPECT_EQ(Thought(Thinking::kWords, "budget_tokens: 16385"), R"(effort: "high")");
  EXPECT_EQ(Thought(Thinking::kWords, "budget_tokens: 100 effort: 'max'"), R"(effort: "max")");
}

TEST(ThinkingOf, WordsBecomesABudgetWhereTokensAreCounted) {
  EXPECT_EQ(Thought(Thinking::kTokens, "effort: 'low'"), "budget_tokens: 4096");
  EXPECT_EQ(Thought(Thinking::kTokens, "effort: 'max' budget_tokens: 9"), "budget_tokens: 65536");
  EXPECT_EQ(Thought(Thinking::kTokens, "budget_tokens: 9"), "budget_tokens: 9");
}

TEST(ThinkingOf, EitherKindIsLeftToWhoTakesBoth) {
  EXPECT_EQ(Thought(Thinking::kWordsOrTokens, "effort: 'low' budget_tokens: 9"), R"(effort: "low" budget_tokens: 9)");
}

}  // namespace
}  // namespace patchbay::upstream
