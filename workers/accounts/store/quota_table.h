// The tables of what accounts have left: their windows and credits as last told, and readings over time.
#pragma once

#include <functional>
#include <string>

#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// Of `ref`, or of all accounts where that is empty; `place` tells where one's goes, null: it is not wanted.
Result<void> LoadQuota(sqlite::Database& database, const AccountId& ref,
                       const std::function<QuotaState*(const std::string& account)>& place);
// These as Store has them.
Result<void> PutQuota(sqlite::Database& database, const AccountId& account, const QuotaState& quota);
Result<void> AddQuotaPoints(sqlite::Database& database, const AccountId& account,
                            const std::vector<QuotaPoint>& points);
Result<QuotaPoints> ListQuotaPoints(sqlite::Database& database, const AccountId& account, WallTime since, int limit);
Result<void> TrimQuotaPoints(sqlite::Database& database, WallTime before, std::int64_t rows_max);

}  // namespace patchbay::accounts
