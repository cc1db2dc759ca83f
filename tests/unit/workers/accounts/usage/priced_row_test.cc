#include "workers/accounts/usage/priced_row.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

struct PricedRow : ::testing::Test {
  PricedRow() : providers(ProvidersWith()), book(providers) {
    book.Configure();
    row.provider = "openai";
    row.wire_model = "gpt-5.4";
    row.outcome = 1;
    row.input_tokens = 100;
    row.cached_input_tokens = 40;
    row.output_tokens = 20;
  }
  Providers providers;
  PriceBook book;
  UsageRecord row;
};

TEST_F(PricedRow, CostsWhatTheServedModelDoes) {
  row.served_model = "gpt-5-nano-2026-01-01";
  PutCost(book, row);
  EXPECT_EQ(row.cost_nano_dollars, 60 * 50 + 40 * 5 + 20 * 400);
}

TEST_F(PricedRow, CostsWhatTheAskedModelDoesWhereTheServedOneHasNoPrice) {
  row.served_model = "gpt-5.4/eu-3";
  PutCost(book, row);
  EXPECT_EQ(row.cost_nano_dollars, 460'000);
  EXPECT_FALSE(row.subscription);
}

TEST_F(PricedRow, CostsWhatItsTierDoesAndTheServedOneCounts) {
  row.service_tier = "flex";
  PutCost(book, row);
  EXPECT_EQ(row.cost_nano_dollars, 230'000);
  row.served_tier = "standard";
  PutCost(book, row);
  EXPECT_EQ(row.cost_nano_dollars, 460'000);
  row.served_tier = "scale";
  PutCost(book, row);
  EXPECT_FALSE(row.cost_nano_dollars) << "nobody has told that price";
}

TEST_F(PricedRow, HasNoCostWhenNobodyKnowsThePrice) {
  row.wire_model = "gpt-unheard-of";
  PutCost(book, row);
  EXPECT_FALSE(row.cost_nano_dollars);
}

TEST_F(PricedRow, HasNoCostWhenNobodyKnowsWhatWasUsed) {
  row.outcome = kOutcomeLost;
  row.input_tokens = row.cached_input_tokens = row.output_tokens = 0;
  PutCost(book, row);
  EXPECT_FALSE(row.cost_nano_dollars);
  row.outcome = 2;
  PutCost(book, row);
  EXPECT_EQ(row.cost_nano_dollars, 0) << "a failed call that used nothing";
}

TEST_F(PricedRow, SaysOfASubscriptionThatItsCostIsOne) {
  row.provider = "codex";
  PutCost(book, row);
  EXPECT_EQ(row.cost_nano_dollars, 460'000);
  EXPECT_TRUE(row.subscription);
}

}  // namespace
}  // namespace patchbay::accounts
