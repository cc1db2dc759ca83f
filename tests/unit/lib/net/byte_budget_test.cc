#include "lib/net/byte_budget.h"

#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

TEST(ByteBudget, BoundsWhatItsHoldersHoldTogether) {
  const auto budget = std::make_shared<ByteBudget>(10);
  ByteBudget::Share one(budget), other(budget);
  EXPECT_TRUE(one.Grow(6));
  EXPECT_TRUE(other.Grow(4));
  EXPECT_FALSE(other.Grow(1));
  EXPECT_EQ(budget->used(), 10u);
}

TEST(ByteBudget, GetsBytesBackFromHoldersThatGo) {
  const auto budget = std::make_shared<ByteBudget>(10);
  {
    ByteBudget::Share share(budget);
    ASSERT_TRUE(share.Grow(10));
    ByteBudget::Share moved(std::move(share));
    EXPECT_EQ(budget->used(), 10u);
  }
  EXPECT_EQ(budget->used(), 0u);
}

TEST(ByteBudget, TakesNothingBackWhenItsLimitFalls) {
  const auto budget = std::make_shared<ByteBudget>(10);
  ByteBudget::Share share(budget);
  ASSERT_TRUE(share.Grow(8));
  budget->SetLimit(4);
  EXPECT_FALSE(share.Grow(1));
  EXPECT_EQ(budget->used(), 8u);
}

TEST(ByteBudget, DoesNotBoundAShareWithoutOne) {
  ByteBudget::Share share;
  EXPECT_TRUE(share.Grow(std::size_t{1} << 40));
}

}  // namespace
}  // namespace patchbay::net
