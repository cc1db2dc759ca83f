// The shape of the database, step by step. A released step is never changed: a new shape is a new step.
#pragma once

#include <span>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::sqlite {
class Database;
}

namespace patchbay::accounts {

struct Migration {
  int version;  // the shape after this step, kept in PRAGMA user_version
  std::string_view what;
  const char* sql;
};

std::span<const Migration> Migrations();

// Brings the database to `target`, each step in a transaction of its own. kFailedPrecondition when it is newer than
// we know: a newer patchbay has used it, and going back would lose what that one added.
Result<void> Migrate(sqlite::Database& database, int target);
inline int LatestVersion() { return Migrations().back().version; }

}  // namespace patchbay::accounts
