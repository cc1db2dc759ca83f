#include "workers/frontend/models/model_lists.h"

#include <algorithm>
#include <vector>

#include "lib/base/encoding.h"
#include "lib/base/number.h"
#include "lib/base/sha256.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/url.h"

namespace patchbay::frontend {
namespace {

using accounts::v1::ListModelsReply;
using accounts::v1::ModelInfo;
using wire::JsonWriter;

// What lists show; hidden models work when they are named.
std::vector<const ModelInfo*> Visible(const ListModelsReply& models) {
  std::vector<const ModelInfo*> visible;
  for (const ModelInfo& model : models.models()) {
    if (!model.hidden()) visible.push_back(&model);
  }
  return visible;
}

void Append(JsonWriter& json, const google::protobuf::RepeatedPtrField<std::string>& words) {
  json.BeginArray();
  for (const std::string& word : words) json.String(word);
  json.EndArray();
}

bool Knows(const ModelInfo& model, std::string_view effort) {
  const auto& efforts = model.reasoning_efforts();
  return std::find(efforts.begin(), efforts.end(), effort) != efforts.end();
}

const std::string& NameOf(const ModelInfo& model) {
  return model.display_name().empty() ? model.id() : model.display_name();
}

void AppendOpenAi(const ModelInfo& model, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("id").String(model.id()).Key("object").String("model");
  json.Key("created").Int(model.created_at().seconds());
  json.Key("owned_by").String(model.provider() == "codex" ? "openai" : model.provider());
  if (model.context_window() > 0) json.Key("context_window").Int(model.context_window());
  json.EndObject();
}

void AppendSupported(JsonWriter& json, std::string_view key, bool supported) {
  json.Key(key).BeginObject().Key("supported").Bool(supported).EndObject();
}

void AppendAnthropic(const ModelInfo& model, std::string& out) {
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
    AppendSupported(json, effort, Knows(model, effort));
  }
  json.EndObject();
  json.Key("thinking").BeginObject().Key("supported").Bool(reasons).Key("types").BeginObject();
  AppendSupported(json, "enabled", reasons);
  AppendSupported(json, "adaptive", reasons);
  AppendSupported(json, "between_tools", false);
  AppendSupported(json, "disabled", !reasons || Knows(model, "none"));
  json.EndObject().EndObject();
  json.EndObject().EndObject();
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

// An entry of the form that the CLI insists on; each member that it requires is here, since one entry without them
// makes it refuse the whole list.
void AppendCodexEntry(const ModelInfo& model, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("slug").String(model.id()).Key("display_name").String(NameOf(model));
  json.Key("description").String(model.description());
  const bool medium = Knows(model, "medium") || model.reasoning_efforts().empty();
  json.Key("default_reasoning_level");
  json.String(!model.default_reasoning_effort().empty() ? model.default_reasoning_effort()
              : medium                                  ? std::string("medium")
                                                        : model.reasoning_efforts(0));
  json.Key("supported_reasoning_levels").BeginArray();
  for (const std::string& effort : model.reasoning_efforts()) {
    json.BeginObject().Key("effort").String(effort).Key("description").String(effort).EndObject();
  }
  json.EndArray();
  json.Key("shell_type").String("unified_exec").Key("visibility").String(model.hidden() ? "hide" : "list");
  json.Key("supported_in_api").Bool(true).Key("priority").Int(model.priority());
  json.Key("service_tiers").BeginArray();
  for (const std::string& tier : model.service_tiers()) {
    json.BeginObject().Key("id").String(tier).Key("name").String(tier).Key("description").String("").EndObject();
  }
  json.EndArray();
  json.Key("availability_nux").Null().Key("upgrade").Null();
  json.Key("base_instructions")
      .String(
          "You are a coding agent that works in the user's terminal. Use the tools you are given to read, change and "
          "run code, check your work, and say briefly what you did.");
  json.Key("supports_reasoning_summaries").Bool(true).Key("support_verbosity").Bool(false);
  json.Key("default_verbosity").Null().Key("apply_patch_tool_type").String("freeform");
  json.Key("truncation_policy").BeginObject().Key("mode").String("tokens").Key("limit").Int(10000).EndObject();
  json.Key("supports_parallel_tool_calls").Bool(true).Key("context_window");
  model.context_window() > 0 ? json.Int(model.context_window()) : json.Null();
  json.Key("experimental_supported_tools").BeginArray().EndArray();
  json.Key("input_modalities").BeginArray().String("text");
  if (model.vision()) json.String("image");
  json.EndArray().EndObject();
}

// The provider's own entry, under the name that the client will send.
void AppendOwnEntry(const ModelInfo& model, std::string& out) {
  std::string entry = model.codex_entry_json();
  if (!model.alias_of().empty()) {
    std::string name;
    wire::AppendJsonString(name, model.id());
    for (const char* key : {"slug", "display_name"}) {
      auto renamed = wire::SpliceTopLevel(entry, key, name, wire::IfMissing::kInsert);
      if (renamed.ok()) entry = std::move(*renamed);
    }
  }
  out.append(entry);
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

std::string AnthropicModel(const ModelInfo& model) {
  std::string out;
  AppendAnthropic(model, out);
  return out;
}

Result<std::string> AnthropicModelList(const ListModelsReply& models, std::string_view query) {
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
    AppendAnthropic(**model, out);
  }
  out.append("],");
  out.append(has_more ? R"("has_more":true,"first_id":)" : R"("has_more":false,"first_id":)");
  begin == end ? void(out.append("null")) : wire::AppendJsonString(out, (*begin)->id());
  out.append(R"(,"last_id":)");
  begin == end ? void(out.append("null")) : wire::AppendJsonString(out, (*(end - 1))->id());
  return out.append("}");
}

Result<std::string> CodexCatalog(const ListModelsReply& models) {
  const bool live = std::any_of(models.models().begin(), models.models().end(),
                                [](const ModelInfo& model) { return !model.codex_entry_json().empty(); });
  if (!live) return Error(ErrorCode::kUnavailable, "no provider has told its list of models yet");
  std::string out = R"({"models":[)";
  bool first = true;
  for (const ModelInfo& model : models.models()) {
    if (!std::exchange(first, false)) out.push_back(',');
    model.codex_entry_json().empty() ? AppendCodexEntry(model, out) : AppendOwnEntry(model, out);
  }
  return out.append("]}");
}

std::string WeakETag(std::string_view body) {
  constexpr std::size_t kBytes = 12;  // enough to tell two lists apart
  return "W/\"" + Base64UrlEncode(Sha256(body).substr(0, kBytes)) + "\"";
}

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
