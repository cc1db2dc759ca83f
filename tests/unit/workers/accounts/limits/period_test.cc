#include "workers/accounts/limits/period.h"

#include <gtest/gtest.h>

#include "lib/time/time_text.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono;

std::string Text(v1::BudgetPeriod period, const char* day) {
  const Period found = PeriodAt(period, *ParseDate(day) + hours(13));
  return Rfc3339(WallTime(found.begin)).substr(0, 10) + " " + Rfc3339(WallTime(found.end)).substr(0, 10);
}

TEST(Period, IsThatOfTheCalendarAndWeeksBeginOnMonday) {
  EXPECT_EQ(Text(v1::BUDGET_PERIOD_DAY, "2026-11-30"), "2026-11-30 2026-12-01");
  EXPECT_EQ(Text(v1::BUDGET_PERIOD_WEEK, "2026-11-30"), "2026-11-30 2026-12-07") << "a Monday";
  EXPECT_EQ(Text(v1::BUDGET_PERIOD_WEEK, "2026-11-29"), "2026-11-23 2026-11-30") << "a Sunday";
  EXPECT_EQ(Text(v1::BUDGET_PERIOD_MONTH, "2026-12-31"), "2026-12-01 2027-01-01");
  EXPECT_EQ(Text(v1::BUDGET_PERIOD_MONTH, "2028-02-29"), "2028-02-01 2028-03-01");
}

}  // namespace
}  // namespace patchbay::accounts
