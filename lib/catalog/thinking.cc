#include "lib/catalog/thinking.h"

#include <array>

namespace patchbay::catalog {
namespace {

struct Row {
  std::string_view effort;
  std::int64_t budget_tokens;
  // Many models have no "minimal": a small budget asks for the least that all of those that think have.
  bool for_budgets = true;
};
constexpr std::array<Row, 7> kThinking = {{{"none", 0},
                                           {"minimal", 1024, false},
                                           {"low", 4096},
                                           {"medium", 16384},
                                           {"high", 32768},
                                           {"xhigh", 49152},
                                           {"max", 65536}}};

}  // namespace

std::string_view EffortOfBudget(std::int64_t budget_tokens) {
  for (const Row& row : kThinking) {
    if (row.for_budgets && budget_tokens <= row.budget_tokens) return row.effort;
  }
  return kThinking.back().effort;
}

std::optional<std::int64_t> BudgetOfEffort(std::string_view effort) {
  for (const Row& row : kThinking) {
    if (row.effort == effort) return row.budget_tokens;
  }
  return std::nullopt;
}

}  // namespace patchbay::catalog
