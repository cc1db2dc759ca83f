// The usage rows in SQL.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/usage_record.h"

namespace patchbay::accounts {

// As those of Store.
Result<std::vector<RowAdded>> AddUsage(sqlite::Database& database, const std::vector<UsageRecord>& usages);
Result<UsagePage> ListUsage(sqlite::Database& database, int limit, const std::string& request_id,
                            const UsageFilter& filter);
Result<bool> ForgetUsage(sqlite::Database& database, const UsageRetention& retention);

// Of the requests that began by then some rows are gone.
Result<WallTime> ForgottenUntil(sqlite::Database& database);

}  // namespace patchbay::accounts
