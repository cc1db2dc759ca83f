// How many tokens of thinking the words for an effort stand for: some clients and providers name an effort, others
// count. One table, so that a budget means the same wherever it is looked at. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::catalog {

// The word whose tokens the budget fits into; "none" for 0, "max" for more than any word has.
std::string_view EffortOfBudget(std::int64_t budget_tokens);

// Nothing for a word that stands for no number of tokens.
std::optional<std::int64_t> BudgetOfEffort(std::string_view effort);

}  // namespace patchbay::catalog
