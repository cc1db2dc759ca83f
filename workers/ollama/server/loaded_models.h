// Which models count as loaded: those that were used lately, for as long as their `keep_alive` says. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "lib/base/clock.h"
#include "workers/ollama/dialect/asked.h"
#include "workers/ollama/dialect/model_list.h"

namespace patchbay::ollama {

class LoadedModels {
 public:
  // Beyond, the one that expires first goes.
  static constexpr std::size_t kModelsMax = 64;

  // By any of its names. 0 unloads it.
  void Touch(const std::string& asked, KeepAlive keep_alive, WallTime now);
  // Those that the gateway still has; the models are `models`'.
  std::vector<LoadedModel> List(const gateway::v1::ListModelsReply& models, WallTime now);

 private:
  std::map<std::string, WallTime> expires_at_;  // by tagged name
};

}  // namespace patchbay::ollama
