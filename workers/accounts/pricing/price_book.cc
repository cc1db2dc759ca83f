#include "workers/accounts/pricing/price_book.h"

#include <utility>

namespace patchbay::accounts {

void PriceBook::Configure() {
  lists_.clear();
  for (const auto& [id, provider] : providers_.all()) {
    for (const auto& [model, prices] : provider.row.prices()) {
      if (auto list = catalog::PriceList::Of(prices); list.ok()) lists_.emplace(&prices, std::move(*list));
    }
  }
}

std::optional<CallCost> PriceBook::CostOf(const CallTokens& call) const {
  if (!call.tokens.any()) return CallCost{};
  const Provider* provider = providers_.Find(call.provider);
  if (provider == nullptr) return std::nullopt;
  const auto list = lists_.find(providers_.PricesOf(*provider, call.model));
  if (list == lists_.end()) return std::nullopt;
  const auto found = list->second.Find({call.tier, call.tokens.input, call.at});
  if (!found) return std::nullopt;
  return CallCost{catalog::CostOf(found->prices, call.tokens), found->long_context};
}

bool PriceBook::IsSubscription(std::string_view provider) const {
  const Provider* found = providers_.Find(provider);
  return found != nullptr && (found->credential == Credential::kLogin || found->credential == Credential::kCallers);
}

}  // namespace patchbay::accounts
