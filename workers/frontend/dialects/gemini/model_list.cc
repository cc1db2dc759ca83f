#include "workers/frontend/dialects/gemini/model_list.h"

#include <algorithm>

#include "lib/base/number.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/url.h"

namespace patchbay::frontend::gemini {
namespace {

// Where accounts does not know better.
constexpr std::int64_t kInputTokenLimit = 272'000;
constexpr std::int64_t kOutputTokenLimit = 128'000;
// Google's own: more is this many, none the default.
constexpr std::size_t kDefaultPage = 50;
constexpr std::size_t kMaxPage = 1000;

Result<std::size_t> PageSize(std::string_view text) {
  if (text.empty()) return kDefaultPage;
  const auto size = ParseNumber<std::size_t>(text);
  if (!size) return Error(ErrorCode::kInvalidArgument, "pageSize: expected a number").From(Origin::kClient);
  return *size == 0 ? kDefaultPage : std::min(*size, kMaxPage);
}

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

std::string EncodeModel(const accounts::v1::ModelInfo& model) {
  std::string out;
  wire::JsonWriter json(out);
  AppendModel(model, json);
  return out;
}

Result<std::string> EncodeModelList(const accounts::v1::ListModelsReply& models, std::string_view query) {
  ASSIGN_OR_RETURN(const std::size_t page_size, PageSize(wire::QueryValue(query, "pageSize")));
  const std::string token = wire::QueryValue(query, "pageToken");
  std::string out, next;
  wire::JsonWriter json(out);
  json.BeginObject().Key("models").BeginArray();
  bool begun = token.empty();
  std::size_t listed = 0;
  for (const auto& model : models.models()) {
    if (model.hidden()) continue;
    begun = begun || model.id() == token;
    if (!begun) continue;
    if (listed++ == page_size) {
      next = model.id();
      break;
    }
    AppendModel(model, json);
  }
  if (!begun) return Error(ErrorCode::kInvalidArgument, "pageToken: there is no such page").From(Origin::kClient);
  json.EndArray();
  if (!next.empty()) json.Key("nextPageToken").String(next);
  json.EndObject();
  return out;
}

}  // namespace patchbay::frontend::gemini
