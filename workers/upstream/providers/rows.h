// Providers that we know without being told: data, not code. The operator's configuration comes on top (providers.h).
#pragma once

#include <span>
#include <string_view>

namespace patchbay::upstream {

struct ProviderRow {
  std::string_view name;
  std::string_view dialect;
  std::string_view base_url;
  std::string_view auth_base_url;
  // Below auth_base_url.
  std::string_view token_path;
  // Relative to the base URL's "/backend-api"; and below the base URL where that has none.
  std::string_view usage_path;
  std::string_view usage_path_without_prefix;
  // Below the base URL; the client version is appended.
  std::string_view models_path;
};

std::span<const ProviderRow> BuiltInProviders();

}  // namespace patchbay::upstream
