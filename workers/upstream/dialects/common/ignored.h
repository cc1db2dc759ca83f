// What of a request a provider has no place for, by canonical names: each once.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::upstream {

inline void AddIgnored(std::vector<std::string>& ignored, std::string_view name) {
  if (std::find(ignored.begin(), ignored.end(), name) == ignored.end()) ignored.emplace_back(name);
}

}  // namespace patchbay::upstream
