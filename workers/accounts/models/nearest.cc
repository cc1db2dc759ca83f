#include "workers/accounts/models/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "lib/base/text.h"
#include "workers/accounts/models/catalog.h"

namespace patchbay::accounts {
namespace {

// Long enough to recognise any name that somebody means, short enough for a line.
constexpr std::size_t kShownBytes = 100;
// A provider's list is longer only by mistake.
constexpr std::size_t kComparedMax = 300;

// Letters added, left out or replaced (Levenshtein), case apart.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (LowerCase(a[i]) == LowerCase(b[j]) ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({replaced, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& known) {
  name = name.substr(0, kMaxModelNameBytes);
  std::vector<std::pair<std::size_t, const std::string*>> by_distance;
  for (const std::string& candidate : known) {
    if (by_distance.size() >= kComparedMax) break;
    if (candidate != name) by_distance.emplace_back(Distance(name, candidate), &candidate);
  }
  std::stable_sort(by_distance.begin(), by_distance.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (const auto& [distance, candidate] : by_distance) {
    if (nearest.size() >= kNearestNames) break;
    nearest.push_back(*candidate);
  }
  return nearest;
}

std::string ShownName(std::string_view name) { return Printable(name, kShownBytes); }

std::string UnknownModelMessage(std::string_view name, const std::vector<std::string>& nearest) {
  std::string message = "the model '" + ShownName(name) + "' does not exist or no account serves it";
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    const bool last = i + 1 == nearest.size();
    message += i > 0 ? (last ? " and " : ", ") : last ? "; the nearest name is " : "; the nearest names are ";
    message += "'" + nearest[i] + "'";
  }
  return message;
}

}  // namespace patchbay::accounts
