#include "workers/frontend/models/catalog.h"

namespace patchbay::frontend {
Awaitable<Result<void>> ModelCatalog::Refresh() {
  auto reply = co_await fetch_();
  if (!reply.ok()) co_return std::move(reply).error();
  cached_ = std::move(*reply);
  fetched_at_ = clock_.Steady();
  co_return Result<void>();
}

Awaitable<Result<accounts::v1::ListModelsReply>> ModelCatalog::List() {
  if (!cached_ || clock_.Steady() - fetched_at_ > kFresh) {
    const auto refreshed = co_await Refresh();
    if (!refreshed.ok() && !cached_) co_return Error(ErrorCode::kUnavailable, "the list of models is not known yet");
  }
  co_return *cached_;
}

Awaitable<Result<accounts::v1::ModelInfo>> ModelCatalog::Find(std::string name) {
  const auto list = co_await List();
  if (!list.ok()) co_return list.error();
  const auto find = [&](const std::string& id) -> const accounts::v1::ModelInfo* {
    for (const auto& model : list->models()) {
      if (model.id() == id) return &model;
    }
    return nullptr;
  };
  if (const auto* model = find(name)) co_return *model;
  auto resolved = co_await resolve_(name);
  if (!resolved.ok()) co_return std::move(resolved).error();
  if (!resolved->found()) co_return Error(ErrorCode::kNotFound, "no provider serves a model of this name");
  accounts::v1::ModelInfo model;
  if (const auto* target = find(resolved->wire_model())) model = *target;
  model.set_id(name);
  model.set_provider(resolved->provider());
  if (resolved->wire_model() != name) {
    model.set_display_name(name);
    model.set_alias_of(resolved->wire_model());
  }
  if (!resolved->reasoning_effort().empty()) model.set_default_reasoning_effort(resolved->reasoning_effort());
  co_return model;
}

}  // namespace patchbay::frontend
