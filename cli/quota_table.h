// What accounts have left, as tables and sentences. Pure: the time is a parameter.
#pragma once

#include <string>

#include "cli/table.h"
#include "lib/base/clock.h"
#include "patchbay/accounts/v1/account_admin.pb.h"

namespace patchbay::cli {

// A line for each window.
Table QuotaTable(const accounts::v1::GetQuotaReply& reply, WallTime now);
// "xyz: 2 of 3 accounts have room; dry in 4h 10m at the present rate"
std::string ForecastLine(const accounts::v1::PoolForecast& pool, WallTime now);
Table HistoryTable(const accounts::v1::ListQuotaHistoryReply& reply, WallTime now);
Table ResetCreditTable(const accounts::v1::ListResetCreditsReply& reply, WallTime now);
// "12.50", "unlimited", "none"; "-" where nothing is known.
std::string CreditsText(bool known, const inference::v1::Credits& credits);
// "QUOTA_VIEW_POOL" is "pool", and what says nothing "default".
std::string ViewText(accounts::v1::QuotaView view);

}  // namespace patchbay::cli
