// What a row's call cost. Pure.
#pragma once

#include "workers/accounts/pricing/price_book.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

// Puts the cost down, at the prices that the book has now for the time at which the call began: by the model that the
// provider says it served where that has a price, else by the one that it was asked for. A lost call has none, since
// nobody knows what it used.
void PutCost(const PriceBook& prices, UsageRecord& row);

}  // namespace patchbay::accounts
