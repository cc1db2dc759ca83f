#include "lib/testing/golden.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace patchbay::testing {
namespace {

bool Updating() {
  const char* value = std::getenv("UPDATE_GOLDENS");
  return value != nullptr && std::string_view(value) == "1";
}

// "line 3\n  expected: …\n  actual:   …"
std::string FirstDifference(std::string_view expected, std::string_view actual) {
  std::istringstream expected_lines{std::string(expected)}, actual_lines{std::string(actual)};
  for (int number = 1;; ++number) {
    std::string want, have;
    const bool more_expected = static_cast<bool>(std::getline(expected_lines, want));
    const bool more_actual = static_cast<bool>(std::getline(actual_lines, have));
    if (!more_expected && !more_actual) return "only line ends differ";
    if (want == have && more_expected == more_actual) continue;
    return "line " + std::to_string(number) + "\n  expected: " + (more_expected ? want : "(end of file)") +
           "\n  actual:   " + (more_actual ? have : "(end of file)");
  }
}

}  // namespace

std::vector<std::filesystem::path> GoldenCases(std::string_view area) {
  std::vector<std::filesystem::path> cases;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path("tests/golden") / area, error)) {
    if (entry.is_directory()) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

bool HasFile(const std::filesystem::path& golden_case, std::string_view file) {
  return std::filesystem::exists(golden_case / file);
}

Result<std::string> ReadGolden(const std::filesystem::path& golden_case, std::string_view file) {
  std::ifstream in(golden_case / file, std::ios::binary);
  if (!in) return Error(ErrorCode::kNotFound, (golden_case / file).string() + " is missing");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<void> MatchGolden(const std::filesystem::path& golden_case, std::string_view file, std::string_view actual) {
  const std::filesystem::path path = golden_case / file;
  if (Updating()) {
    std::ofstream(path, std::ios::binary) << actual;
    return {};
  }
  auto expected = ReadGolden(golden_case, file);
  if (!expected.ok()) return std::move(expected).error();
  if (*expected == actual) return {};
  return Error(ErrorCode::kFailedPrecondition, path.string() + " differs at " + FirstDifference(*expected, actual) +
                                                   "\n(UPDATE_GOLDENS=1 writes it anew)");
}

}  // namespace patchbay::testing
