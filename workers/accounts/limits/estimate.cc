#include "workers/accounts/limits/estimate.h"

#include <algorithm>

namespace patchbay::accounts {

Amounts Estimates::Of(const CallSize& size, const HeldFor& model, WallTime now) const {
  const std::int64_t input = std::clamp<std::int64_t>(size.input_tokens, 0, kTokensMax);
  std::int64_t output = std::clamp<std::int64_t>(size.max_output_tokens, 0, kTokensMax);
  if (output == 0) {
    const auto known = longest_.find({std::string(model.provider), std::string(model.wire_model)});
    output = known == longest_.end() ? kOutputAtFirst : std::clamp(known->second, kOutputMin, kOutputMax);
  }
  Amounts amounts{input + output, 0};
  // Input that is written to the provider's cache may be dearer than other input.
  for (const std::int64_t written : {std::int64_t{0}, input}) {
    const CallTokens call{model.provider, model.wire_model, model.tier, {input, 0, written, output}, now};
    const auto cost = prices_.CostOf(call);
    if (cost) amounts.nano_dollars = std::max(amounts.nano_dollars, cost->nano_dollars);
  }
  return amounts;
}

void Estimates::Learn(std::string_view provider, std::string_view wire_model, std::int64_t output_tokens) {
  if (output_tokens <= 0) return;
  if (longest_.size() >= kModelsMax) longest_.clear();
  std::int64_t& longest = longest_[{std::string(provider), std::string(wire_model)}];
  // A long answer is remembered, and forgotten by about a hundred shorter ones.
  longest = std::max(output_tokens, longest - longest / 50);
}

}  // namespace patchbay::accounts
