#include "workers/frontend/quota/own_quota.h"

#include <algorithm>
#include <map>

#include "lib/keyterms/budget.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::BudgetPeriod;
using accounts::v1::BudgetStanding;

constexpr std::int64_t kDaySeconds = 86'400;

// Clients know windows by their length; no two months have to be the same.
std::int64_t SecondsOf(BudgetPeriod period) {
  switch (period) {
    case accounts::v1::BUDGET_PERIOD_DAY: return kDaySeconds;
    case accounts::v1::BUDGET_PERIOD_WEEK: return 7 * kDaySeconds;
    case accounts::v1::BUDGET_PERIOD_MONTH: return 30 * kDaySeconds;
    default: return 0;
  }
}

double UsedPercent(const BudgetStanding& standing) {
  const auto amount = static_cast<double>(keyterms::AmountOf(standing.budget()));
  return amount <= 0 ? 0 : std::min(100.0, 100.0 * static_cast<double>(standing.used()) / amount);
}

}  // namespace

std::shared_ptr<const accounts::v1::PoolQuota> OwnQuota(const ClientKey& key, const std::string& provider) {
  if (key.standing == nullptr || key.standing->budgets().empty()) return nullptr;
  std::map<BudgetPeriod, const BudgetStanding*> tightest;
  for (const BudgetStanding& budget : key.standing->budgets()) {
    const auto [known, is_new] = tightest.emplace(budget.budget().period(), &budget);
    if (!is_new && UsedPercent(budget) > UsedPercent(*known->second)) known->second = &budget;
  }
  auto quota = std::make_shared<accounts::v1::PoolQuota>();
  quota->set_provider(provider);
  quota->set_has_room(true);
  for (const auto& [period, budget] : tightest) {
    auto& window = *quota->add_windows();
    window.set_used_percent(UsedPercent(*budget));
    window.mutable_length()->set_seconds(SecondsOf(period));
    if (budget->has_resets_at()) *window.mutable_resets_at() = budget->resets_at();
    if (window.used_percent() < 100) continue;
    quota->set_has_room(false);
    // All of them must have begun anew.
    if (budget->resets_at().seconds() > quota->back_at().seconds()) *quota->mutable_back_at() = budget->resets_at();
  }
  return quota;
}

}  // namespace patchbay::frontend
