#include "workers/frontend/models/catalog.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "workers/frontend/call/sendable_name.h"

namespace patchbay::frontend {

void ModelCatalog::Put(accounts::v1::ListModelsReply list) {
  list_ = std::make_shared<const accounts::v1::ListModelsReply>(std::move(list));
  if (!settled()) return;
  for (const auto& timer : std::exchange(waiting_, {})) timer->cancel();
}

Awaitable<Result<ModelCatalog::ModelList>> ModelCatalog::List() {
  if (!settled()) {
    const auto timer = std::make_shared<asio::steady_timer>(executor_, kListWait);
    waiting_.push_back(timer);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    std::erase(waiting_, timer);
  }
  if (list_ == nullptr) co_return Error(ErrorCode::kUnavailable, "the list of models is not known yet");
  co_return list_;
}

Awaitable<Result<accounts::v1::ModelInfo>> ModelCatalog::Find(std::string name) {
  const auto list = co_await List();
  if (!list.ok()) co_return list.error();
  const auto find = [](const auto& models, const std::string& id) -> const accounts::v1::ModelInfo* {
    for (const auto& model : models) {
      if (model.id() == id) return &model;
    }
    return nullptr;
  };
  const accounts::v1::ListModelsReply& known = **list;
  if (const auto* model = find(known.models(), name)) co_return *model;
  auto resolved = co_await resolve_(SendableName(name));
  if (!resolved.ok()) co_return std::move(resolved).error();
  if (!resolved->found()) {
    const std::string problem = resolved->problem();
    co_return Error(ErrorCode::kNotFound, problem.empty() ? "no provider serves a model of this name" : problem);
  }
  if (const auto* second_name = find(known.claude_names(), name)) co_return *second_name;
  accounts::v1::ModelInfo model;
  if (const auto* target = find(known.models(), resolved->wire_model())) model = *target;
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
