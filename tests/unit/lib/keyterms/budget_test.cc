#include "lib/keyterms/budget.h"

#include <gtest/gtest.h>

namespace patchbay::keyterms {
namespace {

struct Form {
  const char* text;
  const char* shown;
};

class BudgetForm : public testing::TestWithParam<Form> {};

TEST_P(BudgetForm, IsReadAndShownInTheOneForm) {
  const auto budget = ParseBudget(GetParam().text);
  ASSERT_TRUE(budget.ok()) << budget.error().message;
  EXPECT_EQ(FormatBudget(*budget), GetParam().shown);
  const auto again = ParseBudget(GetParam().shown);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), budget->SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(
    All, BudgetForm,
    testing::Values(Form{"5 USD a day", "5 USD a day"}, Form{"$5/day", "5 USD a day"},
                    Form{"0.25 usd per week", "0.25 USD a week"}, Form{" 20 dollars a  month ", "20 USD a month"},
                    Form{"0.000000001 USD a day", "0.000000001 USD a day"},
                    Form{"1000000000 USD a day", "1000000000 USD a day"},
                    Form{"3M tokens a month", "3M tokens a month"}, Form{"3000000 tokens/month", "3M tokens a month"},
                    Form{"1.5m tokens each week", "1.5M tokens a week"}, Form{"250k tokens a day", "250k tokens a day"},
                    Form{"2B tokens a month", "2B tokens a month"}, Form{"999 tokens a day", "999 tokens a day"},
                    Form{"1234567 tokens a day", "1234.567k tokens a day"}, Form{"1 token a day", "1 tokens a day"}));

TEST(Budget, OfAnythingElseSaysHowItIsWritten) {
  for (const char* text :
       {"", "5", "5 USD", "USD a day", "5 EUR a day", "5 USD a year", "5 USD day", "-5 USD a day", "5M USD a day",
        "1.5 tokens a day", "5 USD a day or so", "1..5 USD a day", ". USD a day", "0.0000000001 USD a day",
        "1000000001 USD a day", "99999999999999999999 tokens a day", "2000000B tokens a day", "3Mtokens month"}) {
    const auto budget = ParseBudget(text);
    ASSERT_FALSE(budget.ok()) << text;
    EXPECT_EQ(budget.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(budget.error().message.find("'5 USD a day'"), std::string::npos) << budget.error().message;
  }
}

TEST(Budget, IsMoreThanNothing) {
  EXPECT_FALSE(ParseBudget("0 USD a day").ok());
  EXPECT_FALSE(ParseBudget("0 tokens a day").ok());
}

TEST(Budget, CountsNanoDollarsOrTokens) {
  EXPECT_EQ(ParseBudget("0.5 USD a day")->nano_dollars(), 500'000'000);
  EXPECT_EQ(ParseBudget("0.5M tokens a day")->tokens(), 500'000);
  EXPECT_EQ(AmountOf(*ParseBudget("7 tokens a day")), 7);
}

TEST(Amount, IsInTheUnitOfItsBudget) {
  const auto dollars = *ParseBudget("5 USD a day"), tokens = *ParseBudget("3M tokens a day");
  EXPECT_EQ(FormatAmount(dollars, 4'200'000'000), "4.2 USD");
  EXPECT_EQ(FormatAmount(dollars, -1), "-0.000000001 USD");
  EXPECT_EQ(FormatAmount(tokens, 1'500'000), "1.5M tokens");
  EXPECT_EQ(FormatAmount(tokens, 0), "0 tokens");
}

}  // namespace
}  // namespace patchbay::keyterms
