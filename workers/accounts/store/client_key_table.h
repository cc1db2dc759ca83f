// Client keys and the hashes of their secrets, in SQL.
#pragma once

#include <vector>

#include "lib/base/result.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// As those of Store; PutClientKey and RemoveClientKey in the caller's transaction.
Result<std::vector<StoredClientKey>> LoadClientKeys(sqlite::Database& database);
Result<void> PutClientKey(sqlite::Database& database, const StoredClientKey& key);
Result<void> RemoveClientKey(sqlite::Database& database, const ClientKeyId& key);

}  // namespace patchbay::accounts
