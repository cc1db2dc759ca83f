#include "workers/frontend/models/allowed.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "lib/keyterms/terms.h"

namespace patchbay::frontend {

using accounts::v1::KeyTerms;
using accounts::v1::ModelInfo;

bool AllowsModel(const ModelInfo& model, const KeyTerms* terms) {
  if (terms == nullptr) return true;
  if (!keyterms::Allows(terms->providers(), model.provider())) return false;
  if (!keyterms::AllowsSomeEffort(*terms, model.reasoning_efforts())) return false;
  const std::string& wire = model.alias_of().empty() ? model.id() : model.alias_of();
  const std::string full = model.provider() + "/" + wire;
  const std::array<std::string_view, 3> names = {model.id(), wire, full};
  return keyterms::AllowsModel(*terms, names);
}

ModelCatalog::ModelList AllowedModels(ModelCatalog::ModelList models, const KeyTerms* terms) {
  if (terms == nullptr) return models;
  if (terms->models().empty() && terms->providers().empty() && terms->highest_effort().empty()) return models;
  auto allowed = std::make_shared<accounts::v1::ListModelsReply>();
  allowed->set_pending(models->pending());
  for (const ModelInfo& model : models->models()) {
    if (AllowsModel(model, terms)) *allowed->add_models() = model;
  }
  for (const ModelInfo& model : models->claude_names()) {
    if (AllowsModel(model, terms)) *allowed->add_claude_names() = model;
  }
  return allowed;
}

}  // namespace patchbay::frontend
