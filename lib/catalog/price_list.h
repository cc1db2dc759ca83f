// What one model costs: a row's Prices, understood. Pure: the time of the call is a parameter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/catalog/price.h"
#include "patchbay/catalog/v1/provider.pb.h"

namespace patchbay::catalog {

// What the price of a call depends on, beside its model.
struct PricedCall {
  std::string_view tier;  // "priority", "flex", …; empty for the standard one
  std::int64_t input_tokens = 0;
  WallTime at{};
};

class PriceList {
 public:
  // kInvalidArgument, with the key that is wrong: "cases.night.hours: …".
  static Result<PriceList> Of(const v1::Prices& prices);

  struct Found {
    TokenPrices prices;
    bool long_context = false;  // dearer, since its input is longer than a case's `input_above`
  };
  // Empty: it has no known price in that tier.
  std::optional<Found> Find(const PricedCall& call) const;

 private:
  // Of a day, in minutes; the end may be that of the next day.
  struct Hours {
    int begin = 0, end = 0;
  };
  struct Case {
    std::string name;
    TokenPrices prices;
    std::string tier;
    std::int64_t input_above = 0;
    std::optional<Hours> hours;
    unsigned days = 0;  // bit 0 is Sunday; none for every day
    std::optional<WallTime> since, until;
    bool Holds(const PricedCall& call) const;
  };
  static Result<Case> CaseOf(const std::string& name, const v1::PriceCase& row);
  static Result<std::optional<Hours>> ParseHours(std::string_view text);
  static Result<unsigned> ParseDays(std::string_view text);
  // True: of two cases that hold, it is the first.
  static bool GoesBefore(const Case& a, const Case& b);

  std::optional<TokenPrices> base_;
  std::vector<Case> cases_;  // those that go before others first
};

}  // namespace patchbay::catalog
