// Golden cases of the codex dialect: tests/golden/codex/<case>/….
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/unit/workers/upstream/dialects/golden.h"

namespace patchbay::upstream::codex {

inline std::filesystem::path GoldenRoot() { return "tests/golden/codex"; }

// The cases that have this file.
inline std::vector<std::string> CasesWith(const std::string& file) { return CasesIn(GoldenRoot(), file); }

}  // namespace patchbay::upstream::codex
