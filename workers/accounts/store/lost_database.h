// A database that was here and is gone is not a first start: an empty pool would refuse every client's key and lose the
// logins without a word. Beside accounts.db stands a note that it was made; without its database it means a loss.
#pragma once

#include <filesystem>

#include "lib/base/result.h"

namespace patchbay::accounts {

// kFailedPrecondition, with what to do, when the note is there and the database is missing or empty.
Result<void> RefuseLostDatabase(const std::filesystem::path& state_dir);

// Once the database is open. Writes the note when it is not there.
Result<void> NoteDatabase(const std::filesystem::path& state_dir);

}  // namespace patchbay::accounts
