#include "lib/catalog/price.h"

#include <algorithm>

#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay::catalog {
namespace {

constexpr std::size_t kWholeDigitsMax = 5;
constexpr std::size_t kFractionDigits = 6;
constexpr TokenPrice kUnit = 1'000'000;  // a dollar for a million
constexpr std::int64_t kPerNano = 1000;
// Of one call. With the dearest price it still fits the sums below.
constexpr std::int64_t kTokensMax = 10'000'000'000;

bool AllDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

// A sum of tokens times prices, its whole nano-dollars apart from the rest so that neither overflows.
class Sum {
 public:
  void Add(std::int64_t tokens, TokenPrice price) {
    whole_ += tokens * (price / kPerNano);
    rest_ += tokens * (price % kPerNano);
  }
  NanoDollars total() const { return whole_ + (rest_ + kPerNano / 2) / kPerNano; }

 private:
  std::int64_t whole_ = 0;
  std::int64_t rest_ = 0;
};

}  // namespace

std::optional<TokenPrice> ParseTokenPrice(std::string_view text) {
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  if (whole.empty() || whole.size() > kWholeDigitsMax || !AllDigits(whole)) return std::nullopt;
  if (fraction.empty() || fraction.size() > kFractionDigits || !AllDigits(fraction)) return std::nullopt;
  TokenPrice behind = *ParseNumber<TokenPrice>(fraction);
  for (std::size_t digits = fraction.size(); digits < kFractionDigits; ++digits) behind *= 10;
  return *ParseNumber<TokenPrice>(whole) * kUnit + behind;
}

NanoDollars CostOf(const TokenPrices& prices, const TokenCounts& tokens) {
  const std::int64_t input = std::clamp<std::int64_t>(tokens.input, 0, kTokensMax);
  const std::int64_t cached = std::clamp<std::int64_t>(tokens.cached_input, 0, input);
  const std::int64_t written = std::clamp<std::int64_t>(tokens.cache_write, 0, input - cached);
  Sum sum;
  sum.Add(input - cached - written, prices.input);
  sum.Add(cached, prices.cached_input);
  sum.Add(written, prices.cache_write);
  sum.Add(std::clamp<std::int64_t>(tokens.output, 0, kTokensMax), prices.output);
  return sum.total();
}

}  // namespace patchbay::catalog
