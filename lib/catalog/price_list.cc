#include "lib/catalog/price_list.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <tuple>

#include "lib/base/number.h"
#include "lib/time/time_text.h"

namespace patchbay::catalog {
namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr std::string_view kStandard = "standard";
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

Error Wrong(std::string_view key, std::string_view text, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(key) + ": '" + std::string(text) + "' is " + std::string(what)};
}

// Prices and PriceCase have the same four. Nothing: neither input nor output has one.
template <class Row>
Result<std::optional<TokenPrices>> PricesOf(const Row& row) {
  const auto parse = [](std::string_view key, const std::string& text) -> Result<TokenPrice> {
    const auto price = ParseTokenPrice(text);
    if (!price) return Wrong(key, text, "no price, like 1.25 dollars for a million tokens");
    return *price;
  };
  if (row.input().empty() && row.output().empty()) {
    if (row.cached_input().empty() && row.cache_write().empty()) return std::optional<TokenPrices>();
    return Error(ErrorCode::kInvalidArgument, "input and output have no price, but something of the cache has");
  }
  if (row.input().empty() || row.output().empty()) {
    return Error(ErrorCode::kInvalidArgument, "input and output have a price both, or neither has");
  }
  TokenPrices prices;
  ASSIGN_OR_RETURN(prices.input, parse("input", row.input()));
  ASSIGN_OR_RETURN(prices.output, parse("output", row.output()));
  prices.cached_input = prices.cache_write = prices.input;
  if (!row.cached_input().empty()) {
    ASSIGN_OR_RETURN(prices.cached_input, parse("cached_input", row.cached_input()));
  }
  if (!row.cache_write().empty()) {
    ASSIGN_OR_RETURN(prices.cache_write, parse("cache_write", row.cache_write()));
  }
  return std::optional(prices);
}

// "16:30"; "24:00" is the end of the day.
std::optional<int> ParseMinutes(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = ParseNumber<int>(text.substr(0, 2)), minutes = ParseNumber<int>(text.substr(3));
  if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) return std::nullopt;
  const int all = *hours * 60 + *minutes;
  return all <= kMinutesOfDay ? std::optional(all) : std::nullopt;
}

std::optional<std::size_t> ParseDay(std::string_view text) {
  const auto found = std::find(kDays.begin(), kDays.end(), text);
  return found == kDays.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - kDays.begin()));
}

Result<std::optional<WallTime>> ParseDay(std::string_view key, const std::string& text) {
  if (text.empty()) return std::optional<WallTime>();
  const auto day = ParseDate(text);
  if (!day) return Wrong(key, text, "no day, like 2026-12-01");
  return day;
}

}  // namespace

Result<std::optional<PriceList::Hours>> PriceList::ParseHours(std::string_view text) {
  if (text.empty()) return std::optional<Hours>();
  const auto dash = text.find('-');
  const auto begin = ParseMinutes(text.substr(0, dash));
  const auto end = dash == std::string_view::npos ? std::nullopt : ParseMinutes(text.substr(dash + 1));
  if (!begin || !end || *begin == *end || *begin == kMinutesOfDay) {
    return Wrong("hours", text, "no span of hours, like 16:30-00:30");
  }
  return std::optional(Hours{*begin, *end < *begin ? *end + kMinutesOfDay : *end});
}

Result<unsigned> PriceList::ParseDays(std::string_view text) {
  unsigned days = 0;
  const std::string_view whole = text;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const auto dash = part.find('-');
    const auto first = ParseDay(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : ParseDay(part.substr(dash + 1));
    if (!first || !last || (comma != std::string_view::npos && text.empty())) {
      return Wrong("days", whole, "no list of days, like mon-fri or sat,sun");
    }
    for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
      days |= 1U << day;
      if (day == *last) break;
    }
  }
  return days;
}

Result<PriceList::Case> PriceList::CaseOf(const std::string& name, const v1::PriceCase& row) {
  Case one;
  one.name = name;
  ASSIGN_OR_RETURN(const auto prices, PricesOf(row));
  if (!prices) return Error(ErrorCode::kInvalidArgument, "says no price");
  one.prices = *prices;
  if (row.tier() != kStandard) one.tier = row.tier();
  one.input_above = row.input_above();
  ASSIGN_OR_RETURN(one.hours, ParseHours(row.hours()));
  ASSIGN_OR_RETURN(one.days, ParseDays(row.days()));
  ASSIGN_OR_RETURN(one.since, ParseDay("since", row.since()));
  ASSIGN_OR_RETURN(one.until, ParseDay("until", row.until()));
  return one;
}

bool PriceList::GoesBefore(const Case& a, const Case& b) {
  const auto rank = [](const Case& one) {
    return std::tuple(one.since.value_or(WallTime::min()), one.hours.has_value() || one.days != 0, one.input_above);
  };
  // Of two that say the same, anybody's: the same one each time.
  return rank(a) != rank(b) ? rank(a) > rank(b) : a.name < b.name;
}

Result<PriceList> PriceList::Of(const v1::Prices& prices) {
  PriceList list;
  ASSIGN_OR_RETURN(list.base_, PricesOf(prices));
  // Protobuf keeps no order, and of two mistakes the same is told each time.
  std::map<std::string, const v1::PriceCase*> cases;
  for (const auto& [name, row] : prices.cases()) cases.emplace(name, &row);
  for (const auto& [name, row] : cases) {
    auto one = CaseOf(name, *row);
    if (!one.ok()) return Error(one.error().code, "cases." + name + ": " + one.error().message);
    list.cases_.push_back(std::move(*one));
  }
  std::sort(list.cases_.begin(), list.cases_.end(), GoesBefore);
  return list;
}

bool PriceList::Case::Holds(const PricedCall& call) const {
  if (tier != call.tier) return false;
  if (input_above > 0 && call.input_tokens <= input_above) return false;
  if ((since && call.at < *since) || (until && call.at >= *until)) return false;
  if (!hours && days == 0) return true;
  const auto day = std::chrono::floor<std::chrono::days>(call.at);
  const int minute = static_cast<int>(std::chrono::floor<std::chrono::minutes>(call.at - day).count());
  const auto on = [&](std::chrono::sys_days date) {
    return days == 0 || ((days >> std::chrono::weekday(date).c_encoding()) & 1U) != 0;
  };
  const Hours all_day{0, kMinutesOfDay};
  const Hours span = hours.value_or(all_day);
  if (minute >= span.begin && minute < span.end) return on(day);
  // Hours that end after midnight belong to the day on which they began.
  return minute + kMinutesOfDay < span.end && on(day - std::chrono::days(1));
}

std::optional<PriceList::Found> PriceList::Find(const PricedCall& call) const {
  PricedCall asked = call;
  if (asked.tier == kStandard) asked.tier = {};
  for (const Case& one : cases_) {
    if (one.Holds(asked)) return Found{one.prices, one.input_above > 0};
  }
  if (!base_ || !asked.tier.empty()) return std::nullopt;
  return Found{*base_, false};
}

}  // namespace patchbay::catalog
