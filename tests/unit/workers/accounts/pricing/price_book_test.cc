#include "workers/accounts/pricing/price_book.h"

#include <gtest/gtest.h>

#include "lib/time/time_text.h"
#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

constexpr const char* kMine = R"(providers { key: "mine" value {
    base_url: "https://mine.example/v1" dialect: "openai_chat"
    prices { key: "m" value { input: "1" output: "10" } }
    prices { key: "m-*" value { input: "2" output: "20" } }
    prices { key: "m-large*" value { input: "3" output: "30" } } } }
  providers { key: "alias" value { base_url: "https://alias.example/v1" dialect: "openai_chat" priced_as: "mine"
    prices { key: "own" value { input: "4" output: "40" } } } })";

struct Book {
  explicit Book(const std::string& rows = kMine) : providers(ProvidersWith(rows)), book(providers) { book.Configure(); }
  // Of a million tokens of output, in dollars; -1 where nobody knows.
  std::int64_t Output(std::string_view provider, std::string_view model, std::string_view tier = "") const {
    const auto cost = book.CostOf({provider, model, tier, {.output = 1'000'000}, {}});
    return cost ? cost->nano_dollars / 1'000'000'000 : -1;
  }
  Providers providers;
  PriceBook book;
};

TEST(PriceBook, KnowsAModelByItsNameThenWithoutItsDayThenByItsLongestPattern) {
  const Book book;
  EXPECT_EQ(book.Output("mine", "m"), 10);
  EXPECT_EQ(book.Output("mine", "m-2026-08-22"), 10);
  EXPECT_EQ(book.Output("mine", "m-20260822"), 10);
  EXPECT_EQ(book.Output("mine", "m-2026"), 20);
  EXPECT_EQ(book.Output("mine", "m-large-2026-08-22"), 30);
  EXPECT_EQ(book.Output("mine", "n"), -1);
}

TEST(PriceBook, TakesThePricesOfAnotherRowWhereItsOwnHasNone) {
  const Book book;
  EXPECT_EQ(book.Output("alias", "own"), 40);
  EXPECT_EQ(book.Output("alias", "m"), 10);
  EXPECT_EQ(book.Output("alias", "n"), -1);
}

TEST(PriceBook, MakesNoGuess) {
  const Book book;
  EXPECT_EQ(book.Output("nobody", "m"), -1);
  EXPECT_EQ(book.Output("mine", "m", "priority"), -1);
  EXPECT_EQ(book.book.CostOf({"nobody", "x", "turbo", {}, {}})->nano_dollars, 0) << "what used nothing costs nothing";
}

// ocm.md §10.
TEST(PriceBook, KnowsWhatTheShippedRowsTell) {
  const Book book("");
  EXPECT_EQ(book.Output("openai", "gpt-5.4"), 15);
  EXPECT_EQ(book.Output("openai", "gpt-5.4", "flex"), 7);
  EXPECT_EQ(book.Output("openai", "gpt-5.4-2026-03-05", "priority"), 30);
  EXPECT_EQ(book.Output("openai", "gpt-5.5", "priority"), -1) << "nobody has told";
  const catalog::TokenCounts long_one{.input = 300'000, .cached_input = 100'000, .output = 1000};
  const auto cost = book.book.CostOf({"openai", "gpt-5.4", "", long_one, {}});
  ASSERT_TRUE(cost);
  EXPECT_TRUE(cost->long_context);
  EXPECT_EQ(cost->nano_dollars, 200'000 * 5000LL + 100'000 * 500LL + 1000 * 22'500LL);
}

TEST(PriceBook, CountsASubscriptionByWhatAKeyWouldHaveCost) {
  const Book book("");
  EXPECT_EQ(book.Output("codex", "gpt-5.4"), 15);
  EXPECT_TRUE(book.book.IsSubscription("codex"));
  EXPECT_FALSE(book.book.IsSubscription("openai"));
  EXPECT_FALSE(book.book.IsSubscription("nobody"));
}

}  // namespace
}  // namespace patchbay::accounts
