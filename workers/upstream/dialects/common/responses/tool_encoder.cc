#include "workers/upstream/dialects/common/responses/tool_encoder.h"

#include <string>
#include <utility>

#include "lib/wire/json.h"
#include "workers/upstream/dialects/common/checked_json.h"
#include "workers/upstream/dialects/common/ignored.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

// Providers want `{"type":"object","properties":{…}}` even from a tool without parameters.
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

// The options of a tool in the client's own words of this protocol.
Result<void> WriteAsItCame(JsonWriter& json, const inf::Opaque& tool) {
  std::string type;
  wire::AppendJsonString(type, tool.type());
  ASSIGN_OR_RETURN(std::string options, CheckedObject(tool.json(), "tools." + tool.type()));
  ASSIGN_OR_RETURN(options, wire::SpliceTopLevel(std::move(options), "type", type, wire::IfMissing::kInsert));
  json.Raw(options);
  return {};
}

// An option of a tool that is left to the provider where it is empty.
void WriteOption(JsonWriter& json, std::string_view key, const std::string& value) {
  if (!value.empty()) json.Key(key).String(value);
}

// codex-wire §3.3.
Result<void> WriteWebSearch(JsonWriter& json, const inf::WebSearchTool& search, std::vector<std::string>& ignored) {
  if (search.original().dialect() == kRawDialect) return WriteAsItCame(json, search.original());
  if (search.has_max_uses()) AddIgnored(ignored, "web_search.max_uses");
  if (!search.blocked_domains().empty()) AddIgnored(ignored, "web_search.blocked_domains");
  json.BeginObject().Key("type").String("web_search");
  if (!search.allowed_domains().empty()) {
    json.Key("filters").BeginObject().Key("allowed_domains").BeginArray();
    for (const std::string& domain : search.allowed_domains()) json.String(domain);
    json.EndArray().EndObject();
  }
  if (search.has_location()) {
    json.Key("user_location").BeginObject().Key("type").String("approximate");
    WriteOption(json, "country", search.location().country());
    WriteOption(json, "region", search.location().region());
    WriteOption(json, "city", search.location().city());
    WriteOption(json, "timezone", search.location().timezone());
    json.EndObject();
  }
  WriteOption(json, "search_context_size", search.context_size());
  json.EndObject();
  return {};
}

void WriteImageGeneration(JsonWriter& json, const inf::ImageGenerationTool& tool) {
  json.BeginObject().Key("type").String("image_generation");
  WriteOption(json, "model", tool.model());
  WriteOption(json, "size", tool.size());
  WriteOption(json, "quality", tool.quality());
  WriteOption(json, "output_format", tool.format());
  WriteOption(json, "background", tool.background());
  if (tool.has_compression()) json.Key("output_compression").Int(tool.compression());
  if (tool.has_partial_images()) json.Key("partial_images").Int(tool.partial_images());
  WriteOption(json, "moderation", tool.moderation());
  WriteOption(json, "action", tool.action());
  WriteOption(json, "input_fidelity", tool.input_fidelity());
  if (tool.has_mask()) {
    json.Key("input_image_mask").BeginObject().Key("image_url").String(tool.mask().url()).EndObject();
  }
  json.EndObject();
}

Result<void> WriteOpaqueTool(JsonWriter& json, const inf::Opaque& tool, std::vector<std::string>& ignored) {
  if (tool.dialect() == kRawDialect) return WriteAsItCame(json, tool);
  AddIgnored(ignored, tool.dialect() + "." + tool.type());
  return {};
}

Result<void> WriteNamespace(JsonWriter& json, const inf::NamespaceTool& group, std::vector<std::string>& ignored) {
  json.BeginObject().Key("type").String("namespace").Key("name").String(group.name());
  json.Key("description").String(group.description()).Key("tools").BeginArray();
  for (const inf::Tool& tool : group.tools()) RETURN_IF_ERROR(WriteTool(json, tool, ignored));
  json.EndArray().EndObject();
  return {};
}

void WriteNamed(JsonWriter& json, const inf::ToolChoice::Named& named) {
  json.BeginObject().Key("type").String(named.kind() == inf::TOOL_KIND_CUSTOM ? "custom" : "function");
  json.Key("name").String(named.name()).EndObject();
}

}  // namespace

Result<void> WriteTool(JsonWriter& json, const inf::Tool& tool, std::vector<std::string>& ignored) {
  switch (tool.kind_case()) {
    case inf::Tool::kFunction: return WriteFunction(json, tool.function());
    case inf::Tool::kCustom: return WriteCustom(json, tool.custom()), Result<void>();
    case inf::Tool::kNamespace: return WriteNamespace(json, tool.namespace_(), ignored);
    case inf::Tool::kWebSearch: return WriteWebSearch(json, tool.web_search(), ignored);
    case inf::Tool::kImageGeneration: return WriteImageGeneration(json, tool.image_generation()), Result<void>();
    case inf::Tool::kOpaque: return WriteOpaqueTool(json, tool.opaque(), ignored);
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

}  // namespace patchbay::upstream::responses
