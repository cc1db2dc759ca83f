#include "workers/frontend/dialects/anthropic/request_tools.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "workers/frontend/dialects/anthropic/client_tools.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/strict_schema.h"

namespace patchbay::frontend::anthropic {
namespace {

namespace json = boost::json;

constexpr std::string_view kWebSearch = "web_search";
constexpr std::string_view kToolSearch = "tool_search_tool_";

// Providers want every parameter of a strict tool required. Where some are not, the arguments would have another shape
// than the client's schema, so such a tool stays as it is.
Result<void> MakeStrict(inference::v1::FunctionTool& function, DecodedRequest& out) {
  ASSIGN_OR_RETURN(StrictSchema prepared, PrepareStrictSchema(function.parameters_json()));
  function.set_strict(!prepared.restores);
  if (prepared.restores) {
    NoteIgnored(out.ignored, "tools[].strict");
  } else {
    function.set_parameters_json(std::move(prepared.json));
  }
  return {};
}

// {"name","description","input_schema","strict"}
Result<void> DecodeCustomTool(const JsonNode& tool, DecodedRequest& out) {
  NoteOthers(out.ignored, tool, {"type", "name", "description", "input_schema", "strict", "cache_control"});
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
    if (wanted) return MakeStrict(function, out);
  }
  return {};
}

Result<void> DecodeKnownTool(const JsonNode& tool, const ClientTool& known, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  NoteOthers(out.ignored, tool, {"type", "name", "cache_control"});
  auto& function = *out.request.add_tools()->mutable_function();
  function.set_name(out.reply.names.Shorten(name));
  function.set_description(std::string(known.description));
  function.set_parameters_json(std::string(known.parameters_json));
  return {};
}

// {"type":"web_search_…","allowed_domains","user_location",…}; asked for, so the provider's own is offered.
Result<void> DecodeWebSearch(const JsonNode& tool, DecodedRequest& out) {
  NoteOthers(out.ignored, tool, {"type", "name", "allowed_domains", "user_location", "cache_control"});
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
    NoteOthers(out.ignored, *location, {"type", "country", "region", "city", "timezone"});
    json::object place{{"type", "approximate"}};
    for (const std::string_view member : {"country", "region", "city", "timezone"}) {
      ASSIGN_OR_RETURN(const std::string_view text, location->OptionalString(member));
      if (!text.empty()) place[member] = text;
    }
    options["user_location"] = std::move(place);
  }
  auto& hosted = *out.request.add_tools()->mutable_hosted();
  hosted.set_tool(std::string(kWebSearch));
  hosted.set_options_json(json::serialize(options));
  return {};
}

Result<void> DecodeTool(const JsonNode& tool, DecodedRequest& out) {
  RETURN_IF_ERROR(tool.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view type, tool.OptionalString("type"));
  if (type.empty() || type == "custom") return DecodeCustomTool(tool, out);
  if (type.starts_with(kWebSearch)) return DecodeWebSearch(tool, out);
  // Deferred tools are offered at once, so there is nothing left to search for.
  if (type.starts_with(kToolSearch)) {
    NoteIgnored(out.ignored, "tools[].tool_search");
    return {};
  }
  if (const auto known = FindClientTool(type)) return DecodeKnownTool(tool, *known, out);
  return tool.Find("type")->Unsupported("tools of this type are not supported");
}

bool IsHostedSearch(const DecodedRequest& out, std::string_view name) {
  const auto& tools = out.request.tools();
  return name == kWebSearch &&
         std::any_of(tools.begin(), tools.end(), [](const auto& tool) { return tool.has_hosted(); });
}

}  // namespace

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out) {
  RETURN_IF_ERROR(tools.MustBeArray());
  for (std::size_t i = 0; i < tools.size(); ++i) RETURN_IF_ERROR(DecodeTool(tools.At(i), out));
  return {};
}

Result<void> DecodeToolChoice(const JsonNode& choice, DecodedRequest& out) {
  NoteOthers(out.ignored, choice, {"type", "name", "disable_parallel_tool_use"});
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
  NoteOthers(out.ignored, format, {"type", "schema"});
  const auto schema = format.Find("schema");
  if (!schema) return format.Wrong("a format of type 'json_schema' needs schema");
  RETURN_IF_ERROR(schema->MustBeObject());
  auto& decoded = *out.request.mutable_output_format();
  decoded.set_kind(inference::v1::OutputFormat::KIND_JSON_SCHEMA);
  decoded.set_name("response");
  // Anthropic's promise is that the answer fits.
  const std::string wanted = schema->Text();
  ASSIGN_OR_RETURN(StrictSchema prepared, PrepareStrictSchema(wanted));
  if (prepared.changed) out.repaired.push_back("strict_schema");
  if (prepared.restores) out.reply.restore_schema = wanted;
  decoded.set_schema_json(std::move(prepared.json));
  decoded.set_strict(true);
  return {};
}

}  // namespace patchbay::frontend::anthropic
