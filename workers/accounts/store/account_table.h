// The table of accounts: what operators say of them, and their sealed tokens. For SqliteStore.
#pragma once

#include <vector>

#include "lib/seal/seal.h"
#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

// With an empty ref all of them, in the order they were added.
Result<std::vector<StoredAccount>> LoadAccounts(sqlite::Database& database, const seal::Sealer& sealer,
                                                const AccountId& ref);
Result<void> PutAccount(sqlite::Database& database, const seal::Sealer& sealer, const StoredAccount& account);
Result<bool> PutTokens(sqlite::Database& database, const seal::Sealer& sealer, const StoredAccount& account,
                       std::int64_t expected);

}  // namespace patchbay::accounts
