// The usage rows in SQL.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// As Store::AddUsage and Store::ListUsage.
Result<bool> AddUsage(sqlite::Database& database, const UsageRecord& usage);
Result<UsagePage> ListUsage(sqlite::Database& database, int limit, const std::string& request_id);

}  // namespace patchbay::accounts
