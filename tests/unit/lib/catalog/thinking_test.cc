#include "lib/catalog/thinking.h"

#include <gtest/gtest.h>

namespace patchbay::catalog {
namespace {

TEST(Thinking, OfABudgetIsTheWordWhoseTokensItFitsInto) {
  EXPECT_EQ(EffortOfBudget(-1), "none");
  EXPECT_EQ(EffortOfBudget(0), "none");
  EXPECT_EQ(EffortOfBudget(1), "low");
  EXPECT_EQ(EffortOfBudget(4096), "low");
  EXPECT_EQ(EffortOfBudget(4097), "medium");
  EXPECT_EQ(EffortOfBudget(16384), "medium");
  EXPECT_EQ(EffortOfBudget(32768), "high");
  EXPECT_EQ(EffortOfBudget(32769), "xhigh");
  EXPECT_EQ(EffortOfBudget(49153), "max");
  EXPECT_EQ(EffortOfBudget(1'000'000), "max");
}

TEST(Thinking, OfAWordIsTheMostThatTheWordIsGivenFor) {
  for (const char* effort : {"none", "low", "medium", "high", "xhigh", "max"}) {
    ASSERT_TRUE(BudgetOfEffort(effort)) << effort;
    EXPECT_EQ(EffortOfBudget(*BudgetOfEffort(effort)), effort);
  }
  EXPECT_EQ(BudgetOfEffort("minimal"), 1024);
  EXPECT_EQ(BudgetOfEffort("heroic"), std::nullopt);
  EXPECT_EQ(BudgetOfEffort(""), std::nullopt);
}

}  // namespace
}  // namespace patchbay::catalog
