// The periods of budgets: those of the calendar, in UTC; weeks begin on Monday. Pure.
#pragma once

#include <chrono>

#include "lib/base/clock.h"
#include "patchbay/accounts/v1/client_keys.pb.h"

namespace patchbay::accounts {

struct Period {
  std::chrono::sys_days begin{}, end{};
};

// The one that `now` is in.
Period PeriodAt(v1::BudgetPeriod period, WallTime now);

}  // namespace patchbay::accounts
