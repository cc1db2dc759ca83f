#include "workers/ollama/server/settings.h"

#include <utility>

#include "lib/worker/http_limits.h"

namespace patchbay::ollama {

Settings SettingsFrom(const config::v1::Config& config, Secret token, Secret key) {
  const config::v1::Ollama& section = config.ollama();
  Settings settings;
  settings.version = section.version();
  settings.view.disable_vision = section.disable_vision();
  settings.origins.assign(section.origins().begin(), section.origins().end());
  settings.token = std::move(token);
  settings.key = std::move(key);
  settings.http = worker::HttpLimitsFrom(config.frontend().limits());
  return settings;
}

}  // namespace patchbay::ollama
