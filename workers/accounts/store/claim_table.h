// The table of claims: who is about to show which refresh token. For SqliteStore; store.h tells what each promises.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/sqlite/sqlite.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts {

Result<ClaimAnswer> ClaimRefresh(sqlite::Database& database, const RefreshClaim& wish);
Result<bool> NoteShown(sqlite::Database& database, const AccountId& account, const std::string& owner, WallTime at);
Result<void> EndClaim(sqlite::Database& database, const AccountId& account, const std::string& owner,
                      std::optional<WallTime> shown_at);
Result<std::vector<RefreshClaim>> LoadClaims(sqlite::Database& database);

}  // namespace patchbay::accounts
