// Prices of tokens, and what so many of them cost. Whole numbers throughout: sums of millions of calls are exact. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::catalog {

// A thousandth of a millionth of a dollar: what a single token costs is a few thousand of them.
using NanoDollars = std::int64_t;

// For one token, in millionths of a millionth of a dollar: "1.25" dollars for a million tokens are 1,250,000.
using TokenPrice = std::int64_t;
inline constexpr TokenPrice kTokenPriceMax = 99'999'999'999;  // dearer than anything that was ever sold

// "1.25": up to five digits, and up to six behind the point. Empty for any other text.
std::optional<TokenPrice> ParseTokenPrice(std::string_view text);

struct TokenPrices {
  TokenPrice input = 0;
  TokenPrice cached_input = 0;
  TokenPrice cache_write = 0;
  TokenPrice output = 0;
  friend bool operator==(const TokenPrices&, const TokenPrices&) = default;
};

struct TokenCounts {
  std::int64_t input = 0;         // the next two included
  std::int64_t cached_input = 0;  // that the provider had in its cache
  std::int64_t cache_write = 0;   // that it wrote to it
  std::int64_t output = 0;        // reasoning included
  bool any() const { return input > 0 || output > 0; }
};

// To the nearest nano-dollar. Counts that contradict each other (more cached than there was) and that no call could
// have are taken for the nearest that could be.
NanoDollars CostOf(const TokenPrices& prices, const TokenCounts& tokens);

}  // namespace patchbay::catalog
