// Budgets of client keys as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/client_keys.pb.h"

namespace patchbay::keyterms {

inline constexpr std::int64_t kNanoDollars = 1'000'000'000;  // of one dollar

// "5 USD a day", "0.25 USD a week", "3M tokens a month": periods of the calendar, tokens with k, M or B. "$5/day" and
// "3000000 tokens per month" are read, too.
Result<accounts::v1::Budget> ParseBudget(std::string_view text);
// The form that docs/keys.md shows: "5 USD a day", "3M tokens a month".
std::string FormatBudget(const accounts::v1::Budget& budget);

// An amount in the budget's unit, alone: "4.2 USD", "1.5M tokens".
std::string FormatAmount(const accounts::v1::Budget& unit, std::int64_t amount);
// Nano-dollars of one kind, tokens of the other; 0 of a budget without an amount.
std::int64_t AmountOf(const accounts::v1::Budget& budget);
// "day", "week", "month"; empty for none.
std::string_view PeriodName(accounts::v1::BudgetPeriod period);

}  // namespace patchbay::keyterms
