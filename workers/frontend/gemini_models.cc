#include "workers/frontend/gemini_models.h"

#include "lib/wire/json_writer.h"

namespace patchbay::frontend {
namespace {

// Where accounts does not know better.
constexpr std::int64_t kInputTokenLimit = 272'000;
constexpr std::int64_t kOutputTokenLimit = 128'000;

void AppendModel(const accounts::v1::ModelInfo& model, wire::JsonWriter& json) {
  json.BeginObject().Key("name").String("models/" + model.id()).Key("baseModelId").String(model.id());
  json.Key("version").String("001").Key("displayName");
  json.String(model.display_name().empty() ? model.id() : model.display_name());
  json.Key("description").String(model.description());
  json.Key("inputTokenLimit").Int(model.context_window() > 0 ? model.context_window() : kInputTokenLimit);
  json.Key("outputTokenLimit").Int(kOutputTokenLimit);
  json.Key("supportedGenerationMethods").BeginArray();
  json.String("generateContent").String("streamGenerateContent").String("countTokens").EndArray();
  json.Key("thinking").Bool(model.reasoning_efforts_size() > 0).EndObject();
}

}  // namespace

std::string GeminiModel(const accounts::v1::ModelInfo& model) {
  std::string out;
  wire::JsonWriter json(out);
  AppendModel(model, json);
  return out;
}

std::string GeminiModelList(const accounts::v1::ListModelsReply& models) {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("models").BeginArray();
  for (const auto& model : models.models()) {
    if (!model.hidden()) AppendModel(model, json);
  }
  json.EndArray().EndObject();
  return out;
}

}  // namespace patchbay::frontend
