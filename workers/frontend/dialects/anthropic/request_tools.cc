#include "workers/frontend/dialects/anthropic/request_tools.h"

#include <limits>
#include <utility>

#include "workers/frontend/dialects/anthropic/client_tools.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/common/request/web_search.h"

namespace patchbay::frontend::anthropic {
namespace {

constexpr std::string_view kWebSearch = "web_search";
constexpr std::string_view kToolSearch = "tool_search_tool_";

Result<void> CacheUpTo(const JsonNode& tool, inference::v1::Tool& decoded) {
  const auto control = tool.Find("cache_control");
  return control ? ReadCacheControl(*control, *decoded.mutable_cache_breakpoint()) : Result<void>();
}

Result<bool> IsDeferred(const JsonNode& tool) {
  const auto deferred = tool.Find("defer_loading");
  return deferred ? deferred->Bool() : Result<bool>(false);
}

// {"name","description","input_schema","strict"}
Result<DefinedTool> DecodeCustomTool(const JsonNode& tool, DecodedRequest& out) {
  NoteOthers(out.ignored, tool,
             {"type", "name", "description", "input_schema", "strict", "defer_loading", "cache_control"});
  DefinedTool defined;
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, tool.OptionalString("description"));
  ASSIGN_OR_RETURN(defined.deferred, IsDeferred(tool));
  defined.name = name;
  auto& function = *defined.tool.mutable_function();
  function.set_name(std::string(name));
  function.set_description(std::string(description));
  const auto schema = tool.Find("input_schema");
  if (!schema) return tool.Wrong("a tool needs input_schema");
  RETURN_IF_ERROR(schema->MustBeObject());
  function.set_parameters_json(schema->Text());
  RETURN_IF_ERROR(CacheUpTo(tool, defined.tool));
  if (const auto strict = tool.Find("strict")) {
    ASSIGN_OR_RETURN(const bool wanted, strict->Bool());
    function.set_strict(wanted);
    if (wanted) out.wishes.push_back({"tools.strict", strict->Path()});
  }
  return defined;
}

Result<DefinedTool> DecodeKnownTool(const JsonNode& tool, const ClientTool& known, DecodedRequest& out) {
  NoteOthers(out.ignored, tool, {"type", "name", "defer_loading", "cache_control"});
  DefinedTool defined;
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  ASSIGN_OR_RETURN(defined.deferred, IsDeferred(tool));
  defined.name = name;
  auto& function = *defined.tool.mutable_function();
  function.set_name(std::string(name));
  function.set_description(std::string(known.description));
  function.set_parameters_json(std::string(known.parameters_json));
  RETURN_IF_ERROR(CacheUpTo(tool, defined.tool));
  return defined;
}

// {"type":"web_search_…","allowed_domains","user_location",…}; asked for, so the provider's own is offered.
Result<DefinedTool> DecodeWebSearch(const JsonNode& tool, DecodedRequest& out) {
  NoteOthers(out.ignored, tool,
             {"type", "name", "allowed_domains", "blocked_domains", "max_uses", "user_location", "defer_loading",
              "cache_control"});
  DefinedTool defined;
  ASSIGN_OR_RETURN(const std::string_view name, tool.OptionalString("name"));
  ASSIGN_OR_RETURN(defined.deferred, IsDeferred(tool));
  defined.name = name.empty() ? kWebSearch : name;
  auto& search = *defined.tool.mutable_web_search();
  if (const auto domains = tool.Find("allowed_domains")) {
    RETURN_IF_ERROR(ReadDomains(*domains, *search.mutable_allowed_domains()));
  }
  if (const auto domains = tool.Find("blocked_domains")) {
    RETURN_IF_ERROR(ReadDomains(*domains, *search.mutable_blocked_domains()));
    out.wishes.push_back({"web_search.blocked_domains", domains->Path()});
  }
  if (const auto uses = tool.Find("max_uses")) {
    ASSIGN_OR_RETURN(const std::int64_t number, uses->Int());
    if (number < 1 || number > std::numeric_limits<std::int32_t>::max()) return uses->Wrong("expected a number from 1");
    search.set_max_uses(static_cast<std::int32_t>(number));
    out.wishes.push_back({"web_search.max_uses", uses->Path()});
  }
  if (const auto location = tool.Find("user_location")) {
    RETURN_IF_ERROR(ReadSearchLocation(*location, *search.mutable_location()));
    NoteOthers(out.ignored, *location, {"type", "country", "region", "city", "timezone"});
  }
  return defined;
}

Result<DefinedTool> DecodeTool(const JsonNode& tool, DecodedRequest& out) {
  RETURN_IF_ERROR(tool.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view type, tool.OptionalString("type"));
  if (type.empty() || type == "custom") return DecodeCustomTool(tool, out);
  if (type.starts_with(kWebSearch)) return DecodeWebSearch(tool, out);
  if (type.starts_with(kToolSearch)) {
    NoteIgnored(out.ignored, tool.Path() + ".tool_search");
    DefinedTool search;
    search.server_search = true;
    return search;
  }
  if (const auto known = FindClientTool(type)) return DecodeKnownTool(tool, *known, out);
  return tool.Find("type")->Unsupported("tools of this type are not supported");
}

Error NoMcpServers(const JsonNode& tool) {
  return tool.Find("type")->Unsupported("MCP servers cannot be connected here; connect them in the client");
}

}  // namespace

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out) {
  RETURN_IF_ERROR(tools.MustBeArray());
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const JsonNode tool = tools.At(i);
    ASSIGN_OR_RETURN(DefinedTool defined, DecodeTool(tool, out));
    if (!out.tools.Declare(std::move(defined))) return tool.Wrong("another tool has this name");
  }
  return {};
}

// {"type":"tool_addition","tool":{"type":"tool_definition","definition"} or {"type":"tool_reference","name"}}, and
// "tool_removal" with the latter.
Result<void> DecodeToolChange(const JsonNode& block, std::string_view type, DecodedRequest& out) {
  NoteOthers(out.ignored, block, {"type", "tool", "cache_control"});
  const auto tool = block.Find("tool");
  if (!tool) return block.Wrong("a block of this type needs tool");
  RETURN_IF_ERROR(tool->MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view kind, tool->RequiredString("type"));
  if (kind == "mcp_tool_reference" || kind == "mcp_toolset_reference") return NoMcpServers(*tool);
  const bool addition = type == kToolAddition;
  if (addition && kind == "tool_definition") {
    NoteOthers(out.ignored, *tool, {"type", "definition"});
    const auto definition = tool->Find("definition");
    if (!definition) return tool->Wrong("a tool_definition needs definition");
    ASSIGN_OR_RETURN(DefinedTool defined, DecodeTool(*definition, out));
    out.tools.Add(std::move(defined));
    return {};
  }
  if (kind != "tool_reference") {
    return tool->Find("type")->Wrong(addition ? "expected 'tool_definition' or 'tool_reference'"
                                              : "expected 'tool_reference'");
  }
  NoteOthers(out.ignored, *tool, {"type", "name"});
  ASSIGN_OR_RETURN(const std::string_view name, tool->RequiredString("name"));
  if (addition ? out.tools.AddAgain(name) : out.tools.Remove(name)) return {};
  return tool->Find("name")->Unsupported("no tool of this name is in tools or was added before");
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
  decoded.mutable_tool()->set_name(std::string(name));
  return {};
}

Result<void> FinishTools(const JsonNode& root, DecodedRequest& out) {
  using inference::v1::ToolChoice;
  const auto choice = root.Find("tool_choice");
  bool hosted = false;
  if (choice && out.request.tool_choice().mode() == ToolChoice::MODE_ONE) {
    ASSIGN_OR_RETURN(const std::string_view name, choice->RequiredString("name"));
    // Who demands a deferred tool has referred to it.
    if (!out.tools.Refer(name)) return choice->Find("name")->Wrong("no tool of this name is offered");
    hosted = out.tools.IsHosted(name);
  }
  if (out.tools.AllDeferred()) {
    return root.Find("tools")->Wrong("every tool has defer_loading; at least one must be offered from the start");
  }
  out.tools.MoveTo(*out.request.mutable_tools());
  if (!choice) return {};
  auto& decoded = *out.request.mutable_tool_choice();
  if (decoded.mode() == ToolChoice::MODE_REQUIRED && out.request.tools().empty()) {
    return choice->Wrong("there is no tool to call");
  }
  if (!hosted) return {};
  // A hosted tool cannot be forced by name; where it is the only one, "any tool" means the same.
  if (out.request.tools_size() > 1) {
    return choice->Unsupported("web_search can be forced only when it is the only tool");
  }
  decoded.clear_tool();
  decoded.set_mode(ToolChoice::MODE_REQUIRED);
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
  decoded.set_schema_json(schema->Text());
  decoded.set_strict(true);
  out.wishes.push_back({"output_format.strict", schema->Path()});
  return {};
}

}  // namespace patchbay::frontend::anthropic
