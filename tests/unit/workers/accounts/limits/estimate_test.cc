#include "workers/accounts/limits/estimate.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/limits/limits_desk.h"

namespace patchbay::accounts {
namespace {

TEST(Estimates, TakeARequestAtItsWord) {
  const LimitsDesk desk;
  EXPECT_EQ(desk.estimates.Of({1000, 500}, LimitsDesk::kCheap, desk.now.wall), (Amounts{1500, 6'000'000}));
  EXPECT_EQ(desk.estimates.Of({1000, 500}, LimitsDesk::kDear, desk.now.wall), (Amounts{1500, 12'000'000}));
  EXPECT_EQ(desk.estimates.Of({1000, 500}, {"mine", "unknown", ""}, desk.now.wall), (Amounts{1500, 0}));
  EXPECT_EQ(desk.estimates.Of({-5, -7}, LimitsDesk::kCheap, desk.now.wall).tokens, Estimates::kOutputAtFirst);
}

TEST(Estimates, ExpectTheLongestAnswerOfLateWhereTheRequestDoesNotSay) {
  LimitsDesk desk;
  const auto output = [&] { return desk.estimates.Of({}, LimitsDesk::kCheap, desk.now.wall).tokens; };
  EXPECT_EQ(output(), Estimates::kOutputAtFirst);
  desk.estimates.Learn("mine", "cheap", 9000);
  desk.estimates.Learn("mine", "cheap", 100);
  EXPECT_EQ(output(), 9000 - 9000 / 50);
  for (int i = 0; i < 300; ++i) desk.estimates.Learn("mine", "cheap", 100);
  EXPECT_EQ(output(), Estimates::kOutputMin);
  desk.estimates.Learn("mine", "cheap", 1'000'000);
  EXPECT_EQ(output(), Estimates::kOutputMax);
}

}  // namespace
}  // namespace patchbay::accounts
