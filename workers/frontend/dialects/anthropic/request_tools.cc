#include "workers/frontend/dialects/anthropic/request_tools.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/anthropic/client_tools.h"

namespace patchbay::frontend::anthropic {
namespace {

namespace json = boost::json;

constexpr std::string_view kWebSearch = "web_search";
constexpr std::string_view kToolSearch = "tool_search_tool_";

// Members of a tool that change nothing here. `cache_control` is not among them: prompts are cached anyway.
constexpr std::array<std::string_view, 4> kUnusedMembers = {"allowed_callers", "defer_loading", "eager_input_streaming",
                                                            "input_examples"};

void IgnoreMembers(const JsonNode& tool, DecodedRequest& out) {
  for (const std::string_view member : kUnusedMembers) {
    if (tool.Find(member)) out.Ignore("tools[]." + std::string(member));
  }
}

// {"name","description","input_schema","strict"}
Result<void> DecodeCustomTool(const JsonNode& tool, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, tool.OptionalString("description"));
  auto& function = *out.request.add_tools()->mutable_function();
  function.set_name(out.reply.names.Shorten(name));
  function.set_description(std::string(description));
  const auto schema = tool.Find("input_schema");
  if (!schema) return tool.Wrong("a tool needs input_schema");
  RETURN_IF_ERROR(schema->MustBeObject());
  function.set_parameters_json(schema->Text());
  if (const auto strict = tool.Find("strict")) {
    ASSIGN_OR_RETURN(const bool wanted, strict->Bool());
    function.set_strict(wanted);
  }
  return {};
}

Result<void> DecodeKnownTool(const JsonNode& tool, const ClientTool& known, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  if (tool.Find("max_characters")) out.Ignore("tools[].max_characters");
  auto& function = *out.request.add_tools()->mutable_function();
  function.set_name(out.reply.names.Shorten(name));
  function.set_description(std::string(known.description));
  function.set_parameters_json(std::string(known.parameters_json));
  return {};
}

// {"type":"web_search_…","allowed_domains","user_location",…}; asked for, so the provider's own is offered.
Result<void> DecodeWebSearch(const JsonNode& tool, DecodedRequest& out) {
  json::object options;
  if (const auto domains = tool.Find("allowed_domains")) {
    RETURN_IF_ERROR(domains->MustBeArray());
    json::array list;
    for (std::size_t i = 0; i < domains->size(); ++i) {
      ASSIGN_OR_RETURN(const std::string_view domain, domains->At(i).String());
      list.emplace_back(json::string_view(domain));
    }
    if (!list.empty()) options["filters"] = json::object{{"allowed_domains", std::move(list)}};
  }
  if (const auto location = tool.Find("user_location")) {
    RETURN_IF_ERROR(location->MustBeObject());
    json::object place{{"type", "approximate"}};
    for (const std::string_view member : {"country", "region", "city", "timezone"}) {
      ASSIGN_OR_RETURN(const std::string_view text, location->OptionalString(member));
      if (!text.empty()) place[member] = text;
    }
    options["user_location"] = std::move(place);
  }
  for (const std::string_view member : {"blocked_domains", "max_uses"}) {
    if (tool.Find(member)) out.Ignore("tools[]." + std::string(member));
  }
  auto& hosted = *out.request.add_tools()->mutable_hosted();
  hosted.set_tool(std::string(kWebSearch));
  hosted.set_options_json(json::serialize(options));
  return {};
}

Result<void> DecodeTool(const JsonNode& tool, DecodedRequest& out) {
  RETURN_IF_ERROR(tool.MustBeObject());
  IgnoreMembers(tool, out);
  ASSIGN_OR_RETURN(const std::string_view type, tool.OptionalString("type"));
  if (type.empty() || type == "custom") return DecodeCustomTool(tool, out);
  if (type.starts_with(kWebSearch)) return DecodeWebSearch(tool, out);
  // Deferred tools are offered at once, so there is nothing left to search for.
  if (type.starts_with(kToolSearch)) return out.Ignore("tools[].tool_search"), Result<void>();
  if (const auto known = FindClientTool(type)) return DecodeKnownTool(tool, *known, out);
  return tool.Find("type")->Unsupported("tools of type '" + std::string(type) + "' are not supported");
}

bool IsHostedSearch(const DecodedRequest& out, std::string_view name) {
  const auto& tools = out.request.tools();
  return name == kWebSearch &&
         std::any_of(tools.begin(), tools.end(), [](const auto& tool) { return tool.has_hosted(); });
}

// What strict generation demands: every object closed, all its properties required (codex-wire §3.3).
bool IsStrictSchema(const json::value& schema) {
  if (const json::array* list = schema.if_array()) return std::all_of(list->begin(), list->end(), IsStrictSchema);
  const json::object* object = schema.if_object();
  if (object == nullptr) return true;
  if (const json::value* properties = object->if_contains("properties"); properties && properties->is_object()) {
    const json::value* closed = object->if_contains("additionalProperties");
    if (closed == nullptr || !closed->is_bool() || closed->get_bool()) return false;
    const json::value* required = object->if_contains("required");
    const std::size_t count = required != nullptr && required->is_array() ? required->get_array().size() : 0;
    if (count != properties->get_object().size()) return false;
    for (const auto& property : properties->get_object()) {
      if (!IsStrictSchema(property.value())) return false;
    }
  }
  for (const std::string_view member : {"items", "anyOf", "$defs", "definitions"}) {
    const json::value* inner = object->if_contains(member);
    if (inner == nullptr) continue;
    if (member.back() != 's') {
      if (!IsStrictSchema(*inner)) return false;
    } else if (const json::object* named = inner->if_object()) {
      for (const auto& definition : *named) {
        if (!IsStrictSchema(definition.value())) return false;
      }
    } else if (!IsStrictSchema(*inner)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out) {
  RETURN_IF_ERROR(tools.MustBeArray());
  for (std::size_t i = 0; i < tools.size(); ++i) RETURN_IF_ERROR(DecodeTool(tools.At(i), out));
  return {};
}

Result<void> DecodeToolChoice(const JsonNode& choice, DecodedRequest& out) {
  RETURN_IF_ERROR(choice.RequiredString("type"));
  ASSIGN_OR_RETURN(const std::string_view type, choice.Find("type")->OneOf({"auto", "any", "none", "tool"}));
  if (const auto disable = choice.Find("disable_parallel_tool_use")) {
    ASSIGN_OR_RETURN(const bool disabled, disable->Bool());
    out.request.set_parallel_tool_calls(!disabled);
  }
  auto& decoded = *out.request.mutable_tool_choice();
  using inference::v1::ToolChoice;
  decoded.set_mode(type == "auto"   ? ToolChoice::MODE_AUTO
                   : type == "any"  ? ToolChoice::MODE_REQUIRED
                   : type == "none" ? ToolChoice::MODE_NONE
                                    : ToolChoice::MODE_ONE);
  if (type != "tool") return {};
  ASSIGN_OR_RETURN(const std::string_view name, choice.RequiredString("name"));
  decoded.mutable_tool()->set_kind(inference::v1::TOOL_KIND_FUNCTION);
  decoded.mutable_tool()->set_name(out.reply.names.Shorten(name));
  return {};
}

Result<void> FinishToolChoice(const JsonNode& choice, DecodedRequest& out) {
  auto& decoded = *out.request.mutable_tool_choice();
  if (decoded.mode() != inference::v1::ToolChoice::MODE_ONE || !IsHostedSearch(out, decoded.tool().name())) return {};
  // A hosted tool cannot be forced by name; where it is the only one, "any tool" means the same.
  if (out.request.tools_size() > 1) {
    return choice.Unsupported("web_search can be forced only when it is the only tool");
  }
  decoded.clear_tool();
  decoded.set_mode(inference::v1::ToolChoice::MODE_REQUIRED);
  return {};
}

Result<void> DecodeOutputFormat(const JsonNode& format, DecodedRequest& out) {
  RETURN_IF_ERROR(format.RequiredString("type"));
  RETURN_IF_ERROR(format.Find("type")->OneOf({"json_schema"}));
  const auto schema = format.Find("schema");
  if (!schema) return format.Wrong("a format of type 'json_schema' needs schema");
  RETURN_IF_ERROR(schema->MustBeObject());
  auto& decoded = *out.request.mutable_output_format();
  decoded.set_kind(inference::v1::OutputFormat::KIND_JSON_SCHEMA);
  decoded.set_name("response");
  decoded.set_schema_json(schema->Text());
  // Anthropic's promise is that the answer fits; where the schema allows it that is made sure of.
  decoded.set_strict(IsStrictSchema(schema->value()));
  return {};
}

}  // namespace patchbay::frontend::anthropic
