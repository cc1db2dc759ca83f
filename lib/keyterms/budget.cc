#include "lib/keyterms/budget.h"

#include <array>
#include <optional>
#include <utility>

#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay::keyterms {
namespace {

using accounts::v1::Budget;
using accounts::v1::BudgetPeriod;

constexpr std::array<std::pair<std::string_view, BudgetPeriod>, 3> kPeriods = {
    {{"day", accounts::v1::BUDGET_PERIOD_DAY},
     {"week", accounts::v1::BUDGET_PERIOD_WEEK},
     {"month", accounts::v1::BUDGET_PERIOD_MONTH}}};

struct Scale {
  char letter;
  std::int64_t factor;
};
constexpr std::array<Scale, 3> kScales = {{{'b', 1'000'000'000}, {'m', 1'000'000}, {'k', 1'000}}};

constexpr std::int64_t kMaxDollars = 1'000'000'000;
constexpr std::int64_t kMaxTokens = 1'000'000'000'000'000;
constexpr std::size_t kMaxFraction = 9;
constexpr std::size_t kMaxWhole = 16;

Error Unreadable(std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          "'" + Printable(text, 64) + "' is no budget: write it like '5 USD a day' or '3M tokens a month'"};
}

// Takes the blanks and `word` from the front of `rest`, if it stands there.
bool Take(std::string_view& rest, std::string_view word) {
  const std::string_view trimmed = TrimStart(rest);
  if (!trimmed.starts_with(word)) return false;
  rest = trimmed.substr(word.size());
  return true;
}

template <std::size_t N>
bool TakeOneOf(std::string_view& rest, const std::array<std::string_view, N>& words) {
  for (const std::string_view word : words) {
    if (Take(rest, word)) return true;
  }
  return false;
}

// "1.5" times `factor`; nothing when that is not whole or larger than `max`.
std::optional<std::int64_t> Scaled(std::string_view number, std::int64_t factor, std::int64_t max) {
  const std::size_t dot = number.find('.');
  const std::string_view whole_text = number.substr(0, dot);
  const std::string_view fraction_text = dot == std::string_view::npos ? "0" : number.substr(dot + 1);
  if (whole_text.size() > kMaxWhole || fraction_text.size() > kMaxFraction) return std::nullopt;
  const auto whole = ParseNumber<std::int64_t>(whole_text), fraction = ParseNumber<std::int64_t>(fraction_text);
  if (!whole || !fraction || *whole > max / factor) return std::nullopt;
  std::int64_t unit = 1;
  for (std::size_t i = 0; i < fraction_text.size(); ++i) unit *= 10;
  // Both are below 10^9, so that their product has room.
  if (*fraction * factor % unit != 0) return std::nullopt;
  const std::int64_t sum = *whole * factor + *fraction * factor / unit;
  return sum > max ? std::nullopt : std::optional(sum);
}

// The digits and the dot at the front of `rest`.
std::string_view TakeNumber(std::string_view& rest) {
  rest = TrimStart(rest);
  std::size_t size = 0;
  while (size < rest.size() && (IsDigit(rest[size]) || rest[size] == '.')) ++size;
  const std::string_view number = rest.substr(0, size);
  rest.remove_prefix(size);
  return number;
}

std::int64_t TakeScale(std::string_view& rest) {
  for (const auto& [letter, factor] : kScales) {
    // "3M", not the first letter of "month".
    const bool alone = rest.size() == 1 || (rest.size() > 1 && !IsLetter(rest[1]));
    if (alone && rest.starts_with(letter)) {
      rest.remove_prefix(1);
      return factor;
    }
  }
  return 1;
}

// "1.5M", "250k", "999": the largest scale that leaves at most three digits behind the dot.
std::string ScaledText(std::int64_t amount) {
  for (const auto& [letter, factor] : kScales) {
    const std::int64_t thousandth = factor / 1000;
    if (amount < factor || (amount % thousandth) != 0) continue;
    std::string fraction = std::to_string(1000 + amount % factor / thousandth).substr(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    const char shown = letter == 'k' ? 'k' : UpperCase(letter);
    return std::to_string(amount / factor) + (fraction.empty() ? "" : "." + fraction) + shown;
  }
  return std::to_string(amount);
}

std::string DollarText(std::int64_t nano_dollars) {
  std::string fraction = std::to_string(kNanoDollars + nano_dollars % kNanoDollars).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return std::to_string(nano_dollars / kNanoDollars) + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace

Result<Budget> ParseBudget(std::string_view text) {
  const std::string lower = LowerCase(text);
  std::string_view rest = lower;
  const bool dollar_sign = Take(rest, "$");
  const std::string_view number = TakeNumber(rest);
  const std::int64_t scale = dollar_sign ? 1 : TakeScale(rest);
  const bool dollars = TakeOneOf<3>(rest, {"usd", "dollars", "dollar"}) || dollar_sign;
  if (!dollars && !TakeOneOf<2>(rest, {"tokens", "token"})) return Unreadable(text);
  if (dollars && scale != 1) return Unreadable(text);
  if (!TakeOneOf<5>(rest, {"/", "per ", "an ", "a ", "each "})) return Unreadable(text);

  Budget budget;
  const std::string_view period = Trim(rest);
  for (const auto& [name, value] : kPeriods) {
    if (name == period) budget.set_period(value);
  }
  if (budget.period() == accounts::v1::BUDGET_PERIOD_UNSPECIFIED) return Unreadable(text);

  const auto amount =
      dollars ? Scaled(number, kNanoDollars, kMaxDollars * kNanoDollars) : Scaled(number, scale, kMaxTokens);
  if (!amount) return Unreadable(text);
  if (*amount == 0) {
    return Error(ErrorCode::kInvalidArgument, "'" + Printable(text, 64) + "': a budget is more than nothing");
  }
  dollars ? budget.set_nano_dollars(*amount) : budget.set_tokens(*amount);
  return budget;
}

std::string FormatBudget(const Budget& budget) {
  return FormatAmount(budget, AmountOf(budget)) + " a " + std::string(PeriodName(budget.period()));
}

std::string FormatAmount(const Budget& unit, std::int64_t amount) {
  const std::string sign = amount < 0 ? "-" : "";
  const std::int64_t size = amount < 0 ? -amount : amount;
  return sign + (unit.has_tokens() ? ScaledText(size) + " tokens" : DollarText(size) + " USD");
}

std::int64_t AmountOf(const Budget& budget) { return budget.has_tokens() ? budget.tokens() : budget.nano_dollars(); }

std::string_view PeriodName(BudgetPeriod period) {
  for (const auto& [name, value] : kPeriods) {
    if (value == period) return name;
  }
  return {};
}

}  // namespace patchbay::keyterms
