// Golden files: whole conversations whose expected output lives beside their input.
//
// A test compares with the file; with UPDATE_GOLDENS=1 in the environment it writes the file instead,
// and the diff is what gets reviewed. Paths are relative to the source tree, where ctest runs tests.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::testing {

// The folders below tests/golden/<area>, sorted by name.
std::vector<std::filesystem::path> GoldenCases(std::string_view area);

bool HasFile(const std::filesystem::path& golden_case, std::string_view file);
// kNotFound when there is no such file.
Result<std::string> ReadGolden(const std::filesystem::path& golden_case, std::string_view file);

// Whether `actual` is what the file says; the error shows the first line that differs. With
// UPDATE_GOLDENS=1 the file is written and everything matches.
Result<void> MatchGolden(const std::filesystem::path& golden_case, std::string_view file, std::string_view actual);

}  // namespace patchbay::testing
