// A file of the operator's, replaced as a whole or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "lib/base/result.h"

namespace patchbay::cli {

Result<std::string> ReadWhole(const std::filesystem::path& file);
// With the owner and the mode that it has. Where `file` is a link, what it leads to.
Result<void> ReplaceFile(const std::filesystem::path& file, const std::string& text);

}  // namespace patchbay::cli
