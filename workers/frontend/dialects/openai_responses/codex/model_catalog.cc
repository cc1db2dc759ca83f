#include "workers/frontend/dialects/openai_responses/codex/model_catalog.h"

#include <algorithm>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/model_info.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

using accounts::v1::ListModelsReply;
using accounts::v1::ModelInfo;
using wire::JsonWriter;

// An entry of the form that the CLI insists on; each member that it requires is here, since one entry without them
// makes it refuse the whole list.
void AppendCodexEntry(const ModelInfo& model, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("slug").String(model.id()).Key("display_name").String(NameOf(model));
  json.Key("description").String(model.description());
  const bool medium = KnowsEffort(model, "medium") || model.reasoning_efforts().empty();
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
  std::string entry = model.provider_entry_json();
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

// A validator for `body`: the same bytes, the same tag.
std::string WeakETag(std::string_view body) {
  constexpr std::size_t kBytes = 12;  // enough to tell two lists apart
  return "W/\"" + Base64UrlEncode(Sha256(body).substr(0, kBytes)) + "\"";
}

// RFC 9110 §13.1.2: a list of tags, or '*'; tags compare weakly. Ours hold no comma.
bool HoldsTag(std::string_view tags, std::string_view tag) {
  const auto strong = [](std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    if (text.starts_with("W/")) text.remove_prefix(2);
    return text;
  };
  while (!tags.empty()) {
    const std::size_t end = std::min(tags.find(','), tags.size());
    const std::string_view one = strong(tags.substr(0, end));
    if (one == "*" || one == strong(tag)) return true;
    tags.remove_prefix(std::min(end + 1, tags.size()));
  }
  return false;
}

}  // namespace

Result<std::string> EncodeModelCatalog(const ListModelsReply& models) {
  const bool live = std::any_of(models.models().begin(), models.models().end(),
                                [](const ModelInfo& model) { return !model.provider_entry_json().empty(); });
  if (!live) return Error(ErrorCode::kUnavailable, "no provider has told its list of models yet");
  std::string out = R"({"models":[)";
  bool first = true;
  for (const ModelInfo& model : models.models()) {
    if (!std::exchange(first, false)) out.push_back(',');
    model.provider_entry_json().empty() ? AppendCodexEntry(model, out) : AppendOwnEntry(model, out);
  }
  return out.append("]}");
}

Result<Answer> AnswerModelCatalog(const ListModelsReply& models, std::string_view if_none_match) {
  ASSIGN_OR_RETURN(std::string body, EncodeModelCatalog(models));
  std::string tag = WeakETag(body);
  const bool known = HoldsTag(if_none_match, tag);
  Answer answer = known ? Answer{.status = 304, .headers = {}, .body = {}} : JsonAnswer(std::move(body));
  answer.headers.emplace_back("etag", std::move(tag));
  return answer;
}

}  // namespace patchbay::frontend::openai_responses::codex
