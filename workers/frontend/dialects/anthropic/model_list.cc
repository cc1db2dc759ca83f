#include "workers/frontend/dialects/anthropic/model_list.h"

#include <algorithm>
#include <vector>

#include "lib/base/number.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/url.h"
#include "workers/frontend/dialects/common/reply/model_info.h"

namespace patchbay::frontend::anthropic {
namespace {

using accounts::v1::ListModelsReply;
using accounts::v1::ModelInfo;
using wire::JsonWriter;

void AppendSupported(JsonWriter& json, std::string_view key, bool supported) {
  json.Key(key).BeginObject().Key("supported").Bool(supported).EndObject();
}

void AppendModel(const ModelInfo& model, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("type").String("model").Key("id").String(model.id());
  json.Key("display_name").String(NameOf(model)).Key("created_at").String(Rfc3339(ToWallTime(model.created_at())));
  if (!model.description().empty()) json.Key("description").String(model.description());
  json.Key("lifecycle").String("active").Key("line").Null();
  json.Key("deprecated_at").Null().Key("retires_at").Null();
  json.Key("max_input_tokens");
  model.context_window() > 0 ? json.Int(model.context_window()) : json.Null();
  json.Key("max_tokens").Null();  // the provider has no limit that a client could set
  json.Key("capabilities").BeginObject();
  AppendSupported(json, "batch", false);
  AppendSupported(json, "citations", false);
  AppendSupported(json, "code_execution", false);
  AppendSupported(json, "image_input", model.vision());
  AppendSupported(json, "pdf_input", model.vision());
  AppendSupported(json, "structured_outputs", true);
  json.Key("context_management").BeginObject().Key("supported").Bool(false);
  for (const std::string_view edit : {"clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112"}) {
    json.Key(edit).Null();
  }
  json.EndObject();
  json.Key("server_tools").BeginObject().Key("supported").Bool(model.tools());
  AppendSupported(json, "code_execution", false);
  AppendSupported(json, "web_search", model.tools());
  json.EndObject();
  const bool reasons = model.reasoning_efforts_size() > 0;
  json.Key("effort").BeginObject().Key("supported").Bool(reasons);
  for (const std::string_view effort : {"low", "medium", "high", "xhigh", "max"}) {
    AppendSupported(json, effort, KnowsEffort(model, effort));
  }
  json.EndObject();
  json.Key("thinking").BeginObject().Key("supported").Bool(reasons).Key("types").BeginObject();
  AppendSupported(json, "enabled", reasons);
  AppendSupported(json, "adaptive", reasons);
  AppendSupported(json, "between_tools", false);
  AppendSupported(json, "disabled", !reasons || KnowsEffort(model, "none"));
  json.EndObject().EndObject();
  json.EndObject().EndObject();
}

}  // namespace

std::string EncodeModel(const ModelInfo& model) {
  std::string out;
  AppendModel(model, out);
  return out;
}

Result<std::string> EncodeModelList(const ListModelsReply& models, std::string_view query) {
  constexpr std::size_t kDefaultLimit = 20;
  constexpr std::size_t kMaxLimit = 1000;
  std::size_t limit = kDefaultLimit;
  if (const std::string text = wire::QueryValue(query, "limit"); !text.empty()) {
    limit = ParseNumber<std::size_t>(text).value_or(0);
    if (limit < 1 || limit > kMaxLimit) {
      return Error(ErrorCode::kInvalidArgument, "limit: expected a number from 1 to 1000").From(Origin::kClient);
    }
  }
  std::vector<const ModelInfo*> visible = Visible(models);
  for (const ModelInfo& name : models.claude_names()) {
    const bool listed =
        std::any_of(visible.begin(), visible.end(), [&](const auto* m) { return m->id() == name.id(); });
    if (!listed) visible.push_back(&name);
  }
  const auto find = [&](std::string_view id) {
    return std::find_if(visible.begin(), visible.end(), [&](const ModelInfo* model) { return model->id() == id; });
  };
  auto begin = visible.begin();
  auto end = visible.end();
  bool has_more = false;
  if (const std::string before = wire::QueryValue(query, "before_id"); !before.empty()) {
    end = find(before);
    has_more = static_cast<std::size_t>(end - begin) > limit;
    if (has_more) begin = end - static_cast<std::ptrdiff_t>(limit);
  } else {
    const std::string after = wire::QueryValue(query, "after_id");
    if (!after.empty()) begin = find(after);
    if (!after.empty() && begin != end) ++begin;
    has_more = static_cast<std::size_t>(end - begin) > limit;
    if (has_more) end = begin + static_cast<std::ptrdiff_t>(limit);
  }
  std::string out = R"({"data":[)";
  for (auto model = begin; model != end; ++model) {
    if (model != begin) out.push_back(',');
    AppendModel(**model, out);
  }
  out.append("],");
  out.append(has_more ? R"("has_more":true,"first_id":)" : R"("has_more":false,"first_id":)");
  begin == end ? void(out.append("null")) : wire::AppendJsonString(out, (*begin)->id());
  out.append(R"(,"last_id":)");
  begin == end ? void(out.append("null")) : wire::AppendJsonString(out, (*(end - 1))->id());
  return out.append("}");
}

}  // namespace patchbay::frontend::anthropic
