#include "workers/upstream/dialects/codex/tool_encoder.h"

#include <string>
#include <utility>

#include "lib/wire/json.h"
#include "workers/upstream/dialects/codex/item_encoder.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

// The backend wants `{"type":"object","properties":{…}}` even from a tool without parameters.
Result<std::string> ParametersSchema(const inf::FunctionTool& function) {
  if (function.parameters_json().empty()) return std::string(R"({"type":"object","properties":{}})");
  const std::string where = "tools." + function.name() + ".parameters";
  ASSIGN_OR_RETURN(std::string schema, CheckedObject(function.parameters_json(), where));
  for (const auto& [key, value] : {std::pair("properties", "{}"), std::pair("type", "\"object\"")}) {
    if (wire::FindTopLevel(schema, key).ok()) continue;
    ASSIGN_OR_RETURN(schema, wire::SpliceTopLevel(std::move(schema), key, value, wire::IfMissing::kInsert));
  }
  return schema;
}

Result<void> WriteFunction(JsonWriter& json, const inf::FunctionTool& function) {
  ASSIGN_OR_RETURN(const std::string schema, ParametersSchema(function));
  json.BeginObject().Key("type").String("function").Key("name").String(function.name());
  if (!function.description().empty()) json.Key("description").String(function.description());
  // Said even when false: in the Responses API absence means true.
  json.Key("strict").Bool(function.strict()).Key("parameters").Raw(schema).EndObject();
  return {};
}

void WriteCustom(JsonWriter& json, const inf::CustomTool& custom) {
  json.BeginObject().Key("type").String("custom").Key("name").String(custom.name());
  if (!custom.description().empty()) json.Key("description").String(custom.description());
  json.Key("format").BeginObject();
  if (custom.grammar_syntax().empty()) {
    json.Key("type").String("text");
  } else {
    json.Key("type").String("grammar").Key("syntax").String(custom.grammar_syntax());
    json.Key("definition").String(custom.grammar_definition());
  }
  json.EndObject().EndObject();
}

Result<void> WriteHosted(JsonWriter& json, const inf::HostedTool& hosted) {
  std::string type;
  wire::AppendJsonString(type, hosted.tool());
  ASSIGN_OR_RETURN(std::string options, CheckedObject(hosted.options_json().empty() ? "{}" : hosted.options_json(),
                                                      "tools." + hosted.tool()));
  ASSIGN_OR_RETURN(options, wire::SpliceTopLevel(std::move(options), "type", type, wire::IfMissing::kInsert));
  json.Raw(options);
  return {};
}

Result<void> WriteNamespace(JsonWriter& json, const inf::NamespaceTool& group) {
  json.BeginObject().Key("type").String("namespace").Key("name").String(group.name());
  json.Key("description").String(group.description()).Key("tools").BeginArray();
  for (const inf::Tool& tool : group.tools()) RETURN_IF_ERROR(WriteTool(json, tool));
  json.EndArray().EndObject();
  return {};
}

void WriteNamed(JsonWriter& json, const inf::ToolChoice::Named& named) {
  json.BeginObject().Key("type").String(named.kind() == inf::TOOL_KIND_CUSTOM ? "custom" : "function");
  json.Key("name").String(named.name()).EndObject();
}

}  // namespace

Result<void> WriteTool(JsonWriter& json, const inf::Tool& tool) {
  switch (tool.kind_case()) {
    case inf::Tool::kFunction: return WriteFunction(json, tool.function());
    case inf::Tool::kCustom: return WriteCustom(json, tool.custom()), Result<void>();
    case inf::Tool::kHosted: return WriteHosted(json, tool.hosted());
    case inf::Tool::kNamespace: return WriteNamespace(json, tool.namespace_());
    case inf::Tool::kWebSearch:
    case inf::Tool::kImageGeneration:
    case inf::Tool::kOpaque:
    case inf::Tool::KIND_NOT_SET: break;
  }
  return Error(ErrorCode::kInvalidArgument, "a tool is empty").From(Origin::kClient).At("tools");
}

void WriteToolChoice(JsonWriter& json, const inf::ToolChoice& choice) {
  json.Key("tool_choice");
  switch (choice.mode()) {
    case inf::ToolChoice::MODE_NONE: json.String("none"); return;
    case inf::ToolChoice::MODE_REQUIRED: json.String("required"); return;
    case inf::ToolChoice::MODE_ONE: WriteNamed(json, choice.tool()); return;
    case inf::ToolChoice::MODE_ALLOWED:
      json.BeginObject().Key("type").String("allowed_tools");
      json.Key("mode").String(choice.required() ? "required" : "auto").Key("tools").BeginArray();
      for (const auto& named : choice.allowed()) WriteNamed(json, named);
      json.EndArray().EndObject();
      return;
    default: json.String("auto"); return;  // MODE_AUTO, and the provider's default
  }
}

}  // namespace patchbay::upstream::codex
