#include "lib/keyterms/user.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::keyterms {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

config::v1::User User(const char* text) {
  config::v1::User user;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &user)) << text;
  return user;
}

constexpr const char* kEveryTerm = R"pb(
  models: "gpt-5.5"
  providers: "codex"
  tags: "team-a"
  dialects: "anthropic"
  tiers: "standard"
  highest_effort: "high"
  sources: "10.0.0.0/8"
  requests_per_minute: 60
  tokens_per_minute: 100000
  concurrency: 4
  budgets: "5 USD a day"
  budgets: "3M tokens a month"
  on_budget: "fallback gpt-5.5-mini"
  quota_view: "own"
  expires: "2027-01-01T00:00:00Z"
)pb";

TEST(User, IsReadWhole) {
  const auto user = TermsOf(User(kEveryTerm));
  ASSERT_TRUE(user.ok()) << user.error().message;
  const auto& terms = user->terms;
  EXPECT_THAT(terms.models(), ElementsAre("gpt-5.5"));
  EXPECT_THAT(terms.sources(), ElementsAre("10.0.0.0/8"));
  EXPECT_EQ(terms.requests_per_minute(), 60);
  ASSERT_EQ(terms.budgets().size(), 2);
  EXPECT_EQ(terms.budgets(0).nano_dollars(), 5'000'000'000);
  EXPECT_EQ(terms.budgets(1).period(), accounts::v1::BUDGET_PERIOD_MONTH);
  EXPECT_EQ(terms.fallback_model(), "gpt-5.5-mini");
  EXPECT_EQ(user->quota_view, accounts::v1::QUOTA_VIEW_OWN);
  EXPECT_EQ(user->expires_at, WallTime(1'798'761'600s));
}

TEST(User, ReadsBackAsItself) {
  const auto user = User(kEveryTerm);
  EXPECT_EQ(UserOf(*TermsOf(user)).SerializeAsString(), user.SerializeAsString());
}

TEST(User, LimitsNothingByItself) {
  const auto user = TermsOf(User(R"pb(on_budget: "refuse" quota_view: "default")pb"));
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->terms.ByteSizeLong(), 0U);
  EXPECT_FALSE(user->expires_at.has_value());
}

TEST(User, SaysWhichSettingCannotBe) {
  std::vector<TermProblem> problems;
  TermsOf(User(R"pb(budgets: "much" on_budget: "fall over" expires: "soon" tiers: "gold")pb"), problems);
  std::vector<std::string> fields;
  for (const auto& problem : problems) fields.push_back(problem.field);
  EXPECT_THAT(fields, ElementsAre("budgets", "on_budget", "tiers", "expires"));

  problems.clear();
  TermsOf(User(R"pb(on_budget: "fallback gpt-*")pb"), problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].field, "on_budget");
}

TEST(OnBudget, RefusesOrNamesAModel) {
  EXPECT_EQ(*ParseOnBudget("refuse"), "");
  EXPECT_EQ(*ParseOnBudget(""), "");
  EXPECT_EQ(*ParseOnBudget("fallback  gpt-5.5-mini "), "gpt-5.5-mini");
  for (const char* text : {"fallback", "fallback ", "fallbackgpt", "reject"}) {
    EXPECT_FALSE(ParseOnBudget(text).ok()) << text;
  }
  EXPECT_EQ(FormatOnBudget(""), "refuse");
  EXPECT_EQ(FormatOnBudget("m"), "fallback m");
}

TEST(QuotaView, HasAWord) {
  for (const char* word : {"default", "own", "pool", "upstream", "none"}) {
    const auto view = ParseQuotaView(word);
    ASSERT_TRUE(view.has_value()) << word;
    EXPECT_EQ(QuotaViewName(*view), word);
  }
  EXPECT_FALSE(ParseQuotaView("theirs").has_value());
}

}  // namespace
}  // namespace patchbay::keyterms
