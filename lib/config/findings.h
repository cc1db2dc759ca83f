// What the loader found wrong, and where each setting came from so that later checks can point there.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patchbay::config {

// Problems beyond this are counted, not kept: one broken indentation can spoil a whole file.
inline constexpr std::size_t kMaxProblems = 50;

class Findings {
 public:
  // `place` is "file:line" or the name of an environment variable.
  void Add(std::string_view place, std::string_view problem);
  // Remembers that the setting at `path` was given at `place`.
  void Came(const std::string& path, std::string place) { places_[path] = std::move(place); }
  // Whether it was given at all.
  bool Given(const std::string& path) const { return places_.contains(path); }
  // Where the setting at `path`, or the nearest section around it, was given.
  std::string PlaceOf(std::string path) const;

  bool empty() const { return problems_.empty(); }
  // One line per problem.
  std::string Text() const;

 private:
  std::vector<std::string> problems_;
  std::size_t left_out_ = 0;
  std::unordered_map<std::string, std::string> places_;
};

// "; did you mean 'z'?" for the candidate nearest to `word`, or "" when none is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

// "frontend" + "listen" → "frontend.listen".
std::string JoinPath(std::string_view section, std::string_view key);

}  // namespace patchbay::config
