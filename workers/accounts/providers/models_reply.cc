#include "workers/accounts/providers/models_reply.h"

#include <algorithm>

#include "workers/accounts/models/pattern.h"
#include "workers/accounts/providers/codex/models_reply.h"
#include "workers/accounts/providers/openai/models_reply.h"

namespace patchbay::accounts {
namespace {

struct Shape {
  std::string_view name;  // lib/catalog/words
  Result<std::vector<Model>> (*read)(std::string_view provider, std::string_view body);
};
constexpr Shape kShapes[] = {{"openai", ReadOpenAiModels}, {"codex", ReadCodexModels}};

}  // namespace

Result<std::vector<Model>> ReadModels(const Provider& provider, std::string_view body) {
  const auto shape = std::ranges::find(kShapes, std::string_view(provider.row.models().shape()), &Shape::name);
  if (shape == std::end(kShapes)) return Error(ErrorCode::kInvalidArgument, "its list has a form that nobody reads");
  ASSIGN_OR_RETURN(std::vector<Model> models, shape->read(provider.id, body));
  const auto& left_out = provider.row.models().leave_out();
  std::erase_if(models, [&](const Model& model) {
    return std::any_of(left_out.begin(), left_out.end(),
                       [&](const std::string& pattern) { return Matches(pattern, model.id); });
  });
  if (models.empty()) return Error(ErrorCode::kInvalidArgument, "the list holds no model");
  return models;
}

}  // namespace patchbay::accounts
