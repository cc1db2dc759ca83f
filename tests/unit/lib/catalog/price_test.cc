#include "lib/catalog/price.h"

#include <gtest/gtest.h>

namespace patchbay::catalog {
namespace {

constexpr TokenPrices kPrices{
    .input = 2'500'000, .cached_input = 250'000, .cache_write = 3'125'000, .output = 15'000'000};

TEST(Price, IsReadToTheLastDigit) {
  EXPECT_EQ(ParseTokenPrice("2.5"), 2'500'000);
  EXPECT_EQ(ParseTokenPrice("0"), 0);
  EXPECT_EQ(ParseTokenPrice("0.0125"), 12'500);
  EXPECT_EQ(ParseTokenPrice("0.000001"), 1);
  EXPECT_EQ(ParseTokenPrice("99999.999999"), kTokenPriceMax);
}

TEST(Price, IsNothingElse) {
  for (const char* text : {"", ".", "1.", ".5", "-1", "+1", "1e3", "$1", "1,5", " 1", "100000", "0.0000001", "nan"}) {
    EXPECT_FALSE(ParseTokenPrice(text)) << text;
  }
}

// codex-proxy.md §6 has this one from a live check: $0.00046.
TEST(Cost, CountsCachedTokensByTheirOwnPrice) {
  EXPECT_EQ(CostOf(kPrices, {.input = 100, .cached_input = 40, .output = 20}), 460'000);
}

TEST(Cost, CountsTokensThatWereWrittenToTheCacheByTheirs) {
  EXPECT_EQ(CostOf(kPrices, {.input = 100, .cached_input = 40, .cache_write = 10, .output = 0}),
            50 * 2500 + 40 * 250 + 10 * 3125);
}

TEST(Cost, IsRoundedOnceAndToTheNearest) {
  const TokenPrices tiny{.input = 400, .cached_input = 400, .cache_write = 400, .output = 400};
  EXPECT_EQ(CostOf(tiny, {.input = 1}), 0);
  EXPECT_EQ(CostOf(tiny, {.input = 1, .output = 1}), 1) << "0.8 of a nano-dollar, and not twice nothing";
}

TEST(Cost, TakesCountsThatContradictEachOtherForTheNearestThatCouldBe) {
  EXPECT_EQ(CostOf(kPrices, {.input = 10, .cached_input = 40}), 10 * 250);
  EXPECT_EQ(CostOf(kPrices, {.input = 10, .cached_input = 6, .cache_write = 6}), 6 * 250 + 4 * 3125);
  EXPECT_EQ(CostOf(kPrices, {.input = -5, .output = -5}), 0);
}

TEST(Cost, OverflowsForNoCallAtAnyPrice) {
  const TokenPrices dearest{kTokenPriceMax, kTokenPriceMax, kTokenPriceMax, kTokenPriceMax};
  const NanoDollars cost = CostOf(dearest, {.input = INT64_MAX, .cached_input = 7, .output = INT64_MAX});
  EXPECT_GT(cost, 0);
  EXPECT_EQ(cost, CostOf(dearest, {.input = 10'000'000'000, .output = 10'000'000'000}));
}

}  // namespace
}  // namespace patchbay::catalog
