#include "workers/upstream/dialects/openai_chat/tool_encoder.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/wire/json.h"
#include "workers/upstream/dialects/common/checked_json.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";

// The tools that are offered: those of the client that this API has a form for and that its choice leaves.
class Offer {
 public:
  Offer(const inf::GenerateRequest& request, const Quirks& quirks, Notes& notes) : choice_(request.tool_choice()) {
    for (const inf::Tool& tool : request.tools()) Take(tool, notes);
    // One of several, or a choice that is none: nothing says that in words, but what is not offered is not called.
    const bool words = choice_.mode() == inf::ToolChoice::MODE_ONE && quirks.tool_choice_words;
    if (words || choice_.mode() == inf::ToolChoice::MODE_ALLOWED) KeepChosen();
    if (choice_.mode() == inf::ToolChoice::MODE_NONE && quirks.no_tool_choice) tools_.clear();
  }

  const std::vector<const inf::Tool*>& tools() const { return tools_; }

 private:
  void Take(const inf::Tool& tool, Notes& notes) {
    switch (tool.kind_case()) {
      case inf::Tool::kFunction:
      case inf::Tool::kCustom: tools_.push_back(&tool); return;
      case inf::Tool::kWebSearch: notes.Ignore("tools.web_search"); return;
      case inf::Tool::kImageGeneration: notes.Ignore("tools.image_generation"); return;
      case inf::Tool::kOpaque: notes.Ignore("tools." + tool.opaque().type()); return;
      case inf::Tool::kNamespace:  // made flat before (common/plain_tools)
      case inf::Tool::KIND_NOT_SET: return;
    }
  }

  void KeepChosen() {
    const auto chosen = [&](const inf::Tool* tool) {
      const std::string& name = tool->has_custom() ? tool->custom().name() : tool->function().name();
      if (choice_.mode() == inf::ToolChoice::MODE_ONE) return choice_.tool().name() == name;
      return std::any_of(choice_.allowed().begin(), choice_.allowed().end(),
                         [&](const auto& named) { return named.name() == name; });
    };
    std::erase_if(tools_, [&](const inf::Tool* tool) { return !chosen(tool); });
  }

  const inf::ToolChoice& choice_;
  std::vector<const inf::Tool*> tools_;
};

Result<void> WriteFunction(JsonWriter& json, const inf::FunctionTool& function, const Quirks& quirks) {
  std::string schema(kNoParameters);
  if (!function.parameters_json().empty()) {
    ASSIGN_OR_RETURN(schema, CheckedObject(function.parameters_json(), "tools." + function.name() + ".parameters"));
  }
  json.BeginObject().Key("type").String("function").Key("function").BeginObject();
  json.Key("name").String(function.name());
  if (!function.description().empty()) json.Key("description").String(function.description());
  json.Key("parameters").Raw(schema);
  if (quirks.strict_tools && function.has_strict()) json.Key("strict").Bool(function.strict());
  json.EndObject().EndObject();
  return {};
}

void WriteCustom(JsonWriter& json, const inf::CustomTool& custom) {
  json.BeginObject().Key("type").String("custom").Key("custom").BeginObject();
  json.Key("name").String(custom.name());
  if (!custom.description().empty()) json.Key("description").String(custom.description());
  if (!custom.grammar_syntax().empty()) {
    json.Key("format").BeginObject().Key("type").String("grammar").Key("grammar").BeginObject();
    json.Key("syntax").String(custom.grammar_syntax()).Key("definition").String(custom.grammar_definition());
    json.EndObject().EndObject();
  }
  json.EndObject().EndObject();
}

void WriteRequired(JsonWriter& json, const Quirks& quirks) {
  json.Key("tool_choice").String(quirks.tool_choice_any ? "any" : "required");
}

void WriteChoice(JsonWriter& json, const inf::ToolChoice& choice, const Quirks& quirks, Notes& notes) {
  using inf::ToolChoice;
  const bool demands = choice.mode() == ToolChoice::MODE_REQUIRED || choice.mode() == ToolChoice::MODE_ONE ||
                       (choice.mode() == ToolChoice::MODE_ALLOWED && choice.required());
  if (quirks.no_tool_choice) {
    if (demands) notes.Ignore("tool_choice");
    return;
  }
  if (choice.mode() == ToolChoice::MODE_ONE && !quirks.tool_choice_words) {
    const std::string_view kind = choice.tool().kind() == inf::TOOL_KIND_CUSTOM ? "custom" : "function";
    json.Key("tool_choice").BeginObject().Key("type").String(kind).Key(kind).BeginObject();
    json.Key("name").String(choice.tool().name()).EndObject().EndObject();
  } else if (demands) {
    WriteRequired(json, quirks);
  } else if (choice.mode() == ToolChoice::MODE_NONE) {
    json.Key("tool_choice").String("none");
  } else if (choice.mode() == ToolChoice::MODE_AUTO) {
    json.Key("tool_choice").String("auto");
  }
}

}  // namespace

Result<void> WriteTools(JsonWriter& json, const inf::GenerateRequest& request, const Quirks& quirks, Notes& notes) {
  const Offer offer(request, quirks, notes);
  if (offer.tools().empty()) return {};
  json.Key("tools").BeginArray();
  for (const inf::Tool* tool : offer.tools()) {
    if (tool->has_custom()) {
      WriteCustom(json, tool->custom());
    } else {
      RETURN_IF_ERROR(WriteFunction(json, tool->function(), quirks));
    }
  }
  json.EndArray();
  WriteChoice(json, request.tool_choice(), quirks, notes);
  if (request.has_parallel_tool_calls()) json.Key("parallel_tool_calls").Bool(request.parallel_tool_calls());
  return {};
}

}  // namespace patchbay::upstream::openai_chat
