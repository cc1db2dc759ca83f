#include "workers/accounts/usage/priced_row.h"

namespace patchbay::accounts {

void PutCost(const PriceBook& prices, UsageRecord& row) {
  row.subscription = prices.IsSubscription(row.provider);
  row.cost_nano_dollars.reset();
  row.long_context = false;
  if (row.outcome == kOutcomeLost) return;
  CallTokens call{row.provider, row.served_model, TierOf(row), {}, row.started_at};
  call.tokens = {row.input_tokens, row.cached_input_tokens, row.cache_write_tokens, row.output_tokens};
  auto cost = prices.CostOf(call);
  if (!cost && row.wire_model != row.served_model) {
    call.model = row.wire_model;
    cost = prices.CostOf(call);
  }
  if (!cost) return;
  row.cost_nano_dollars = cost->nano_dollars;
  row.long_context = cost->long_context;
}

}  // namespace patchbay::accounts
