#include "workers/frontend/models/details.h"

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/model_info.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::ListModelsReply;
using accounts::v1::ModelInfo;
using wire::JsonWriter;

void Append(JsonWriter& json, const google::protobuf::RepeatedPtrField<std::string>& words) {
  json.BeginArray();
  for (const std::string& word : words) json.String(word);
  json.EndArray();
}

void AppendDetails(const ModelInfo& model, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("id").String(model.id()).Key("provider").String(model.provider());
  json.Key("source").String(!model.alias_of().empty() ? "alias" : model.live() ? "live" : "shipped");
  json.Key("alias_of");
  model.alias_of().empty() ? json.Null() : json.String(model.alias_of());
  json.Key("display_name").String(NameOf(model)).Key("description").String(model.description());
  json.Key("hidden").Bool(model.hidden()).Key("priority").Int(model.priority());
  json.Key("created").Int(model.created_at().seconds());
  json.Key("context_window").Int(model.context_window());
  json.Key("vision").Bool(model.vision()).Key("tools").Bool(model.tools());
  json.Key("reasoning_efforts");
  Append(json, model.reasoning_efforts());
  json.Key("default_reasoning_effort");
  model.default_reasoning_effort().empty() ? json.Null() : json.String(model.default_reasoning_effort());
  json.Key("service_tiers");
  Append(json, model.service_tiers());
  json.Key("plans");
  Append(json, model.plans());
  json.EndObject();
}

}  // namespace

std::string ModelDetails(const ModelInfo& model) {
  std::string out;
  AppendDetails(model, out);
  return out;
}

std::string ModelCatalogDetails(const ListModelsReply& models) {
  std::string out = "[";
  for (const ModelInfo& model : models.models()) {
    if (out.size() > 1) out.push_back(',');
    AppendDetails(model, out);
  }
  return out.append("]");
}

}  // namespace patchbay::frontend
