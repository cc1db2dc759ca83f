// What the configuration says of the bridge.
#pragma once

#include <string>
#include <vector>

#include "lib/base/secret.h"
#include "lib/net/http_server.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/ollama/dialect/model_list.h"

namespace patchbay::ollama {

struct Settings {
  std::string version = {};  // what /api/version answers
  ModelView view = {};
  std::vector<std::string> origins = {};  // of pages that may call, besides Ollama's own
  Secret token = {};                      // what clients must show; empty: nothing
  Secret key = {};                        // what the gateway is shown; empty: it knows this process by its role
  net::HttpLimits http = {};
};

// The loader has filled every default in.
Settings SettingsFrom(const config::v1::Config& config, Secret token, Secret key);

}  // namespace patchbay::ollama
