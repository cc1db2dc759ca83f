#include "workers/frontend/dialects/common/reply/openai_model_list.h"

#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/model_info.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::ListModelsReply;
using accounts::v1::ModelInfo;
using wire::JsonWriter;

void AppendOpenAi(const ModelInfo& model, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("id").String(model.id()).Key("object").String("model");
  json.Key("created").Int(model.created_at().seconds());
  json.Key("owned_by").String(model.owner());
  if (model.context_window() > 0) json.Key("context_window").Int(model.context_window());
  json.EndObject();
}

}  // namespace

std::string OpenAiModel(const ModelInfo& model) {
  std::string out;
  AppendOpenAi(model, out);
  return out;
}

std::string OpenAiModelList(const ListModelsReply& models) {
  std::string out = R"({"object":"list","data":[)";
  bool first = true;
  for (const ModelInfo* model : Visible(models)) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendOpenAi(*model, out);
  }
  return out.append("]}");
}

}  // namespace patchbay::frontend
