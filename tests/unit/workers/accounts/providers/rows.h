// The providers that the program brings, and others besides, for tests of who reads their rows.
#pragma once

#include <string>

#include "lib/testing/configured.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

// `text`: what the configuration says besides, in protobuf's text format.
inline Providers ProvidersWith(const std::string& text = "") {
  auto config = patchbay::testing::Configured();
  const auto more = [&] {
    config::v1::Config parsed;
    PATCHBAY_CHECK(google::protobuf::TextFormat::ParseFromString(text, &parsed));
    return parsed;
  }();
  for (const auto& [id, row] : more.providers()) {
    auto whole = patchbay::testing::Configured<catalog::v1::Provider>();
    whole.MergeFrom(row);
    (*config.mutable_providers())[id] = whole;
  }
  Providers providers;
  providers.Configure(config);
  return providers;
}

inline const Providers& CatalogProviders() {
  static const Providers providers = ProvidersWith();
  return providers;
}

}  // namespace patchbay::accounts
