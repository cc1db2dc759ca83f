// Client keys and the hashes of their secrets, in SQL.
#pragma once

#include <vector>

#include "lib/base/result.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// As those of Store; PutClientKey in the caller's transaction.
Result<std::vector<StoredClientKey>> LoadClientKeys(sqlite::Database& database);
Result<void> PutClientKey(sqlite::Database& database, const StoredClientKey& key);

}  // namespace patchbay::accounts
