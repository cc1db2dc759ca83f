// The rows of catalog/*.yaml, as they were when the program was built. What they say lib/config reads.
#pragma once

#include <span>
#include <string_view>

namespace patchbay::catalog {

struct RowFile {
  std::string_view name;  // "catalog/openai.yaml"
  std::string_view text;  // as it could stand in a configuration
};

// By name.
std::span<const RowFile> RowFiles();

}  // namespace patchbay::catalog
