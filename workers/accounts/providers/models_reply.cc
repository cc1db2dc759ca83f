#include "workers/accounts/providers/models_reply.h"

#include <algorithm>

#include "lib/base/pattern.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {

Result<std::vector<Model>> ReadModels(const Provider& provider, std::string_view body) {
  const ModelListReader read = FindModelListReader(provider.row.models().shape());
  if (read == nullptr) return Error(ErrorCode::kInvalidArgument, "its list has a form that nobody reads");
  ASSIGN_OR_RETURN(std::vector<Model> models, read(provider.id, body));
  const auto& left_out = provider.row.models().leave_out();
  std::erase_if(models, [&](const Model& model) {
    return std::any_of(left_out.begin(), left_out.end(),
                       [&](const std::string& pattern) { return MatchesPattern(pattern, model.id); });
  });
  if (models.empty()) return Error(ErrorCode::kInvalidArgument, "the list holds no model");
  return models;
}

}  // namespace patchbay::accounts
