// A copy of a database while others use it.
#pragma once

#include <filesystem>

#include "lib/base/result.h"

namespace patchbay::sqlite {

// What is in `from` at one moment, into the new file `to`, for its owner only; then the copy is checked as a whole.
// Blocks. kAlreadyExists when `to` is there, kNotFound when `from` is not; kInternal for one that is damaged.
Result<void> CopyDatabase(const std::filesystem::path& from, const std::filesystem::path& to);

// kInternal, with the first damage, when the file is no whole database.
Result<void> CheckDatabase(const std::filesystem::path& path);

}  // namespace patchbay::sqlite
