#include "cli/key_terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr WallTime kTyped{1'787'400'000s};  // 2026-08-22T12:00:00Z

std::vector<std::string> PathsOf(const KeyTermChanges& changes) {
  return {changes.mask.paths().begin(), changes.mask.paths().end()};
}

TEST(KeyTerms, ThatAreNotGivenChangeNothing) {
  const auto changes = ChangesOf({}, kTyped);
  ASSERT_TRUE(changes.ok());
  EXPECT_TRUE(changes->empty());
  EXPECT_EQ(changes->terms.ByteSizeLong(), 0U);
}

TEST(KeyTerms, NameTheFieldsThatAreGiven) {
  KeyTermTexts texts;
  texts.models = {"gpt-5.5", "claude-*"};
  texts.highest_effort = "high";
  texts.requests_per_minute = 60;
  texts.budgets = {"5 USD a day", "3M tokens a month"};
  texts.on_budget = "fallback gpt-5.5-mini";
  texts.expires = "30d";
  texts.quota_view = "own";
  const auto changes = ChangesOf(texts, kTyped);
  ASSERT_TRUE(changes.ok()) << changes.error().message;
  EXPECT_THAT(PathsOf(*changes),
              ElementsAre("models", "highest_effort", "requests_per_minute", "budgets", "fallback_model"));
  EXPECT_THAT(changes->terms.models(), ElementsAre("gpt-5.5", "claude-*"));
  EXPECT_EQ(changes->terms.budgets(0).nano_dollars(), 5'000'000'000);
  EXPECT_EQ(changes->terms.budgets(1).tokens(), 3'000'000);
  EXPECT_EQ(changes->terms.fallback_model(), "gpt-5.5-mini");
  EXPECT_EQ(changes->expires_at, kTyped + 30 * 24h);
  EXPECT_EQ(changes->quota_view, accounts::v1::QUOTA_VIEW_OWN);
  EXPECT_FALSE(changes->empty());
}

TEST(KeyTerms, AreClearedByTheNamesOfTheirOptions) {
  KeyTermTexts texts;
  texts.cleared = {kClearable.begin(), kClearable.end()};
  const auto changes = ChangesOf(texts, kTyped);
  ASSERT_TRUE(changes.ok()) << changes.error().message;
  EXPECT_THAT(PathsOf(*changes),
              ElementsAre("models", "providers", "tags", "dialects", "tiers", "sources", "highest_effort",
                          "requests_per_minute", "tokens_per_minute", "concurrency", "budgets", "fallback_model"));
  // Each of them is a field of the terms: a mask with another name would be refused.
  for (const std::string& path : changes->mask.paths()) {
    EXPECT_NE(accounts::v1::KeyTerms::descriptor()->FindFieldByName(path), nullptr) << path;
  }
  EXPECT_EQ(changes->terms.ByteSizeLong(), 0U);
  EXPECT_TRUE(changes->never_expires);
}

TEST(KeyTerms, AreNotGivenAndClearedAtOnce) {
  KeyTermTexts texts;
  texts.budgets = {"5 USD a day"};
  texts.cleared = {"budget"};
  EXPECT_EQ(ChangesOf(texts, kTyped).error().message, "--budget and --clear budget contradict each other");
  texts = {};
  texts.expires = "30d";
  texts.cleared = {"expires"};
  EXPECT_FALSE(ChangesOf(texts, kTyped).ok());
}

TEST(KeyTerms, ThatCannotBeAreRefusedBeforeAnybodyIsAsked) {
  KeyTermTexts texts;
  texts.budgets = {"a lot"};
  EXPECT_THAT(ChangesOf(texts, kTyped).error().message, HasSubstr("'a lot' is no budget"));
  texts = {};
  texts.tiers = {"gold"};
  EXPECT_THAT(ChangesOf(texts, kTyped).error().message, HasSubstr("tiers: 'gold' is none of"));
  texts = {};
  texts.concurrency = -1;
  EXPECT_FALSE(ChangesOf(texts, kTyped).ok());
}

TEST(Expiry, IsASpanADateOrAMoment) {
  EXPECT_EQ(ParseExpiry("36h", kTyped)->value(), kTyped + 36h);
  EXPECT_EQ(ParseExpiry("2026-08-23", kTyped)->value(), kTyped + 12h);
  EXPECT_EQ(ParseExpiry("2026-08-22T13:00:00Z", kTyped)->value(), kTyped + 1h);
  EXPECT_FALSE(ParseExpiry("never", kTyped)->has_value());
  for (const char* text : {"", "soon", "2026-08-22", "2026-08-22T11:00:00Z", "0"}) {
    EXPECT_FALSE(ParseExpiry(text, kTyped).ok()) << text;
  }
}

}  // namespace
}  // namespace patchbay::cli
