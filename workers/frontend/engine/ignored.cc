#include "workers/frontend/engine/ignored.h"

#include <algorithm>

namespace patchbay::frontend {

std::vector<std::string> IgnoredBy(const upstream::v1::Head& head) {
  std::vector<std::string> ignored;
  for (const auto& header : head.headers()) {
    if (header.name() != kIgnoredHeader) continue;
    std::string_view names = header.value();
    while (!names.empty()) {
      const std::size_t comma = std::min(names.find(','), names.size());
      std::string_view name = names.substr(0, comma);
      names.remove_prefix(std::min(comma + 1, names.size()));
      while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
      if (!name.empty()) ignored.emplace_back(name);
    }
  }
  return ignored;
}

}  // namespace patchbay::frontend
