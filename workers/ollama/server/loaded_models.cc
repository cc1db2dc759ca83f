#include "workers/ollama/server/loaded_models.h"

#include <algorithm>

#include "workers/ollama/dialect/model_names.h"

namespace patchbay::ollama {
namespace {

// What a negative `keep_alive` means.
constexpr std::chrono::hours kForGood{24 * 365 * 100};

}  // namespace

void LoadedModels::Touch(const std::string& asked, KeepAlive keep_alive, WallTime now) {
  const std::string name = TaggedName(asked);
  if (keep_alive == KeepAlive::zero()) {
    expires_at_.erase(name);
    return;
  }
  expires_at_[name] = now + (keep_alive < KeepAlive::zero() ? KeepAlive(kForGood) : keep_alive);
  if (expires_at_.size() <= kModelsMax) return;
  expires_at_.erase(std::min_element(expires_at_.begin(), expires_at_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; }));
}

std::vector<LoadedModel> LoadedModels::List(const gateway::v1::ListModelsReply& models, WallTime now) {
  std::erase_if(expires_at_, [now](const auto& entry) { return entry.second <= now; });
  std::vector<LoadedModel> loaded;
  for (const auto& [name, expires_at] : expires_at_) {
    if (const auto* model = FindModel(models, name)) loaded.push_back({model, expires_at});
  }
  return loaded;
}

}  // namespace patchbay::ollama
