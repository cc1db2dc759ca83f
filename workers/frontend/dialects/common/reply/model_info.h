// What several shapes of the list of models have in common. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/accounts/v1/models.pb.h"

namespace patchbay::frontend {

// What lists show; hidden models work when they are named.
inline std::vector<const accounts::v1::ModelInfo*> Visible(const accounts::v1::ListModelsReply& models) {
  std::vector<const accounts::v1::ModelInfo*> visible;
  for (const accounts::v1::ModelInfo& model : models.models()) {
    if (!model.hidden()) visible.push_back(&model);
  }
  return visible;
}

inline bool KnowsEffort(const accounts::v1::ModelInfo& model, std::string_view effort) {
  const auto& efforts = model.reasoning_efforts();
  return std::find(efforts.begin(), efforts.end(), effort) != efforts.end();
}

// For people.
inline const std::string& NameOf(const accounts::v1::ModelInfo& model) {
  return model.display_name().empty() ? model.id() : model.display_name();
}

}  // namespace patchbay::frontend
