#include "lib/config/findings.h"

#include <algorithm>

namespace patchbay::config {
namespace {

// Levenshtein's distance, in which two neighbours that changed places are one mistake. Words are setting names: short,
// so the quadratic table costs nothing.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

// Names longer than this are not names, and are not compared.
constexpr std::size_t kMaxComparedLength = 64;

}  // namespace

void Findings::Add(std::string_view place, std::string_view problem) {
  if (problems_.size() >= kMaxProblems) {
    ++left_out_;
    return;
  }
  std::string line(place);
  if (!line.empty()) line += ": ";
  problems_.push_back(line.append(problem));
}

std::string Findings::PlaceOf(std::string path) const {
  while (true) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const auto dot = path.rfind('.');
    if (dot == std::string::npos) return "built-in defaults";
    path.resize(dot);
  }
}

std::string Findings::Text() const {
  std::string text;
  for (const auto& problem : problems_) text += (text.empty() ? "" : "\n") + problem;
  if (left_out_ > 0) text += "\n… and " + std::to_string(left_out_) + " more";
  return text;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kMaxComparedLength) return "";
  std::string_view nearest;
  // A third of the word may be wrong; a longer way is another word.
  auto best = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const auto& candidate : candidates) {
    const auto distance = EditDistance(word, candidate);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

std::string JoinPath(std::string_view section, std::string_view key) {
  std::string path(section);
  if (!path.empty()) path += '.';
  return path.append(key);
}

}  // namespace patchbay::config
