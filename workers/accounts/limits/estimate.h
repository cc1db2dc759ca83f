// What a call will use and cost at most, before it is made. Pure.
//
// A request that says how much output it allows is taken at its word. Of one that does not, the longest answer that the
// model has given lately is expected: most models could write far more than any does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "lib/base/clock.h"
#include "workers/accounts/pool/call_hold.h"
#include "workers/accounts/pricing/price_book.h"

namespace patchbay::accounts {

// What calls use, in the units of budgets.
struct Amounts {
  std::int64_t tokens = 0;  // in and out
  std::int64_t nano_dollars = 0;

  Amounts& operator+=(const Amounts& other) {
    tokens += other.tokens;
    nano_dollars += other.nano_dollars;
    return *this;
  }
  Amounts& operator-=(const Amounts& other) {
    tokens -= other.tokens;
    nano_dollars -= other.nano_dollars;
    return *this;
  }
  friend bool operator==(const Amounts&, const Amounts&) = default;
};

// As the request tells it.
struct CallSize {
  std::int64_t input_tokens = 0;
  std::int64_t max_output_tokens = 0;  // 0: it does not say
};

class Estimates {
 public:
  // Of a model that has not answered yet; the bounds of what is learnt of others.
  static constexpr std::int64_t kOutputAtFirst = 4'000;
  static constexpr std::int64_t kOutputMin = 500, kOutputMax = 32'000;
  static constexpr std::size_t kModelsMax = 256;
  // What clients say of themselves goes no further.
  static constexpr std::int64_t kTokensMax = 100'000'000;

  // `prices` outlives this.
  explicit Estimates(const PriceBook& prices) : prices_(prices) {}

  Amounts Of(const CallSize& size, const HeldFor& model, WallTime now) const;
  // An answer had so many tokens.
  void Learn(std::string_view provider, std::string_view wire_model, std::int64_t output_tokens);

 private:
  using ModelKey = std::pair<std::string, std::string>;
  const PriceBook& prices_;
  std::map<ModelKey, std::int64_t> longest_;  // lately
};

}  // namespace patchbay::accounts
