// What calls cost, by the prices in the providers' rows. Pure; a copy keeps the prices of its time.
//
// A price that nobody has told is not known: that is no zero, and no guess is made in its place.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "lib/catalog/price_list.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

// A call, as far as its price depends on it.
struct CallTokens {
  std::string_view provider;
  std::string_view model;  // as the provider calls it
  std::string_view tier;   // "priority", …; empty for the standard one
  catalog::TokenCounts tokens;
  WallTime at{};
};

struct CallCost {
  catalog::NanoDollars nano_dollars = 0;
  bool long_context = false;  // dearer by its length
};

class PriceBook {
 public:
  // `providers` outlives this and is told first. The rows are those that the loader has checked.
  explicit PriceBook(const Providers& providers) : providers_(providers) {}
  void Configure();

  // Empty: no price is known. What used nothing costs nothing, whatever it is priced by.
  std::optional<CallCost> CostOf(const CallTokens& call) const;
  // Its accounts are paid for otherwise: what calls cost is what they would have cost by the token.
  bool IsSubscription(std::string_view provider) const;

 private:
  const Providers& providers_;
  std::unordered_map<const catalog::v1::Prices*, catalog::PriceList> lists_;
};

}  // namespace patchbay::accounts
