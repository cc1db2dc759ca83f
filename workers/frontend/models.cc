#include "workers/frontend/models.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend {
namespace {

void AppendModel(const accounts::v1::ModelInfo& model, std::string& out) {
  wire::JsonWriter json(out);
  json.BeginObject().Key("id").String(model.id()).Key("object").String("model");
  json.Key("created").Int(model.created_at().seconds());
  json.Key("owned_by").String(model.provider() == "codex" ? "openai" : model.provider());
  json.EndObject();
}

}  // namespace

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

std::string OpenAiModel(const accounts::v1::ModelInfo& model) {
  std::string out;
  AppendModel(model, out);
  return out;
}

std::string OpenAiModelList(const accounts::v1::ListModelsReply& models) {
  std::string out = R"({"object":"list","data":[)";
  bool first = true;
  for (const auto& model : models.models()) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendModel(model, out);
  }
  return out.append("]}");
}

}  // namespace patchbay::frontend
