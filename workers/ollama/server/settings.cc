#include "workers/ollama/server/settings.h"

#include <utility>

namespace patchbay::ollama {

Settings SettingsFrom(const config::v1::Ollama& config, Secret token, Secret key) {
  Settings settings;
  settings.version = config.version();
  settings.view.disable_vision = config.disable_vision();
  settings.origins.assign(config.origins().begin(), config.origins().end());
  settings.token = std::move(token);
  settings.key = std::move(key);
  return settings;
}

}  // namespace patchbay::ollama
