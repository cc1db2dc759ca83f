#include "workers/accounts/limits/period.h"

namespace patchbay::accounts {

using std::chrono::days;

Period PeriodAt(v1::BudgetPeriod period, WallTime now) {
  const auto today = std::chrono::floor<days>(now);
  if (period == v1::BUDGET_PERIOD_WEEK) {
    const auto monday = today - (std::chrono::weekday(today) - std::chrono::Monday);
    return {monday, monday + days(7)};
  }
  if (period == v1::BUDGET_PERIOD_MONTH) {
    const std::chrono::year_month_day date(today);
    const auto month = date.year() / date.month();
    return {std::chrono::sys_days(month / 1), std::chrono::sys_days((month + std::chrono::months(1)) / 1)};
  }
  return {today, today + days(1)};
}

}  // namespace patchbay::accounts
