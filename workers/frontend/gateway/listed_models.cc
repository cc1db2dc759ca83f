#include "workers/frontend/gateway/listed_models.h"

#include "workers/frontend/models/allowed.h"

namespace patchbay::frontend {
namespace {

void Write(const accounts::v1::ModelInfo& model, gateway::v1::Model& out) {
  out.set_id(model.id());
  out.set_provider(model.provider());
  out.set_display_name(model.display_name());
  out.set_description(model.description());
  out.set_context_window(model.context_window());
  out.set_max_output(model.max_output());
  out.set_vision(model.vision() && !model.embeddings());
  out.set_tools(model.tools() && !model.embeddings());
  *out.mutable_reasoning_efforts() = model.reasoning_efforts();
  out.set_default_reasoning_effort(model.default_reasoning_effort());
  if (model.has_created_at()) *out.mutable_created_at() = model.created_at();
  out.set_owner(model.owner());
  out.set_alias_of(model.alias_of());
  out.set_embeddings(model.embeddings());
}

}  // namespace

gateway::v1::ListModelsReply ListedModels(const accounts::v1::ListModelsReply& models, const ClientKey& key) {
  gateway::v1::ListModelsReply reply;
  for (const auto& model : models.models()) {
    if (model.hidden() && !model.embeddings()) continue;
    if (AllowsModel(model, key.terms.get())) Write(model, *reply.add_models());
  }
  return reply;
}

}  // namespace patchbay::frontend
