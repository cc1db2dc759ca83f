#include "workers/frontend/dialects/openai_chat/request_tools.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/web_search.h"

namespace patchbay::frontend::openai_chat {
namespace {

using inference::v1::ToolChoice;

// {"name","description","parameters","strict"}; Anthropic's tools have their schema in `input_schema`.
Result<void> DecodeFunction(const JsonNode& function, DecodedRequest& out, std::string_view schema = "parameters") {
  ASSIGN_OR_RETURN(const std::string_view name, function.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, function.OptionalString("description"));
  NoteOthers(out.ignored, function, {"type", "name", "description", schema, "strict"});
  auto& tool = *out.request.add_tools()->mutable_function();
  tool.set_name(std::string(name));
  tool.set_description(std::string(description));
  if (const auto parameters = function.Find(schema)) {
    RETURN_IF_ERROR(parameters->MustBeObject());
    tool.set_parameters_json(parameters->Text());
  }
  if (const auto strict = function.Find("strict")) {
    ASSIGN_OR_RETURN(const bool value, strict->Bool());
    tool.set_strict(value);
    if (value) out.wishes.push_back({"tools.strict", strict->Path()});
  }
  return {};
}

// {"name","description","format":{"type":"text"}|{"type":"grammar","grammar":{"syntax","definition"}}}; the Responses
// API has what is in "grammar" beside the type.
Result<void> DecodeCustom(const JsonNode& custom, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view name, custom.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, custom.OptionalString("description"));
  NoteOthers(out.ignored, custom, {"type", "name", "description", "format"});
  auto& tool = *out.request.add_tools()->mutable_custom();
  tool.set_name(std::string(name));
  tool.set_description(std::string(description));
  const auto format = custom.Find("format");
  if (!format) return {};
  ASSIGN_OR_RETURN(const std::string_view type, format->RequiredString("type"));
  const auto inner = format->Find("grammar");
  const bool flat = !inner && format->Find("definition");
  if (type == "grammar" && !inner && !flat) return format->Wrong("a grammar format needs grammar");
  if (flat) {
    NoteOthers(out.ignored, *format, {"type", "syntax", "definition"});
  } else {
    NoteOthers(out.ignored, *format, {"type", "grammar"});
  }
  if (type == "text") return {};
  if (type != "grammar") return format->Find("type")->Wrong("expected 'text' or 'grammar'");
  const JsonNode& grammar = flat ? *format : *inner;
  RETURN_IF_ERROR(grammar.RequiredString("syntax"));
  ASSIGN_OR_RETURN(const std::string_view syntax, grammar.Find("syntax")->OneOf({"lark", "regex"}));
  ASSIGN_OR_RETURN(const std::string_view definition, grammar.RequiredString("definition"));
  if (!flat) NoteOthers(out.ignored, grammar, {"syntax", "definition"});
  tool.set_grammar_syntax(std::string(syntax));
  tool.set_grammar_definition(std::string(definition));
  return {};
}

// {"type":"function","function":{"name"}} or {"type":"custom","custom":{"name"}}; flat beside flat tools.
Result<void> DecodeNamed(const JsonNode& node, ToolChoice::Named& named, DecodedRequest& out) {
  RETURN_IF_ERROR(node.RequiredString("type"));
  ASSIGN_OR_RETURN(const std::string_view type, node.Find("type")->OneOf({"function", "custom"}));
  const auto body = node.Find(type);
  if (!body && !node.Find("name")) {
    return node.Wrong("a choice of type '" + std::string(type) + "' needs the member of that name");
  }
  ASSIGN_OR_RETURN(const std::string_view name, (body ? *body : node).RequiredString("name"));
  NoteOthers(out.ignored, node, {"type", body ? type : "name"});
  if (body) NoteOthers(out.ignored, *body, {"name"});
  named.set_kind(type == "custom" ? inference::v1::TOOL_KIND_CUSTOM : inference::v1::TOOL_KIND_FUNCTION);
  named.set_name(std::string(name));
  return {};
}

// Anthropic's: {"type":"auto"|"any"|"none"} and {"type":"tool","name"}. False for any other type.
Result<bool> TakeAnthropicChoice(const JsonNode& choice, std::string_view type, DecodedRequest& out) {
  const bool one = type == "tool";
  if (type != "auto" && type != "any" && type != "none" && !one) return false;
  ToolChoice& decoded = *out.request.mutable_tool_choice();
  decoded.set_mode(one              ? ToolChoice::MODE_ONE
                   : type == "auto" ? ToolChoice::MODE_AUTO
                   : type == "any"  ? ToolChoice::MODE_REQUIRED
                                    : ToolChoice::MODE_NONE);
  if (one) {
    ASSIGN_OR_RETURN(const std::string_view name, choice.RequiredString("name"));
    decoded.mutable_tool()->set_kind(inference::v1::TOOL_KIND_FUNCTION);
    decoded.mutable_tool()->set_name(std::string(name));
  }
  if (const auto alone = choice.Find("disable_parallel_tool_use")) {
    ASSIGN_OR_RETURN(const bool disabled, alone->Bool());
    if (disabled) out.request.set_parallel_tool_calls(false);
  }
  NoteOthers(out.ignored, choice, {"type", "disable_parallel_tool_use", one ? "name" : "type"});
  return true;
}

// The type of an entry of `tools`. Some clients leave it out where the members say it, and Anthropic's tools, which
// Cursor sends for models by that name, have none or "custom".
Result<std::string_view> TypeOfTool(const JsonNode& tool) {
  RETURN_IF_ERROR(tool.MustBeObject());
  const auto type = tool.Find("type");
  if (!type &&
      (tool.Find("function") || (tool.Find("name") && (tool.Find("parameters") || tool.Find("input_schema"))))) {
    return std::string_view("function");
  }
  ASSIGN_OR_RETURN(const std::string_view word, tool.RequiredString("type"));
  return word == "custom" && tool.Find("input_schema") ? std::string_view("function") : word;
}

// The Responses API's, also by its older names.
bool IsWebSearch(std::string_view type) {
  return type == "web_search" || type == "web_search_2025_08_26" || type.starts_with("web_search_preview");
}

Result<void> ReadContextSize(const JsonNode& options, inference::v1::WebSearchTool& search) {
  const auto size = options.Find("search_context_size");
  if (!size) return {};
  ASSIGN_OR_RETURN(const std::string_view word, size->OneOf({"low", "medium", "high"}));
  search.set_context_size(std::string(word));
  return {};
}

// {"type":"web_search","search_context_size","user_location","filters",…}: the Responses API's, which may say more.
Result<void> DecodeHostedWebSearch(const JsonNode& tool, DecodedRequest& out) {
  auto& search = *out.request.add_tools()->mutable_web_search();
  RETURN_IF_ERROR(ReadContextSize(tool, search));
  if (const auto location = tool.Find("user_location")) {
    RETURN_IF_ERROR(ReadSearchLocation(*location, *search.mutable_location()));
    NoteOthers(out.ignored, *location, {"type", "country", "region", "city", "timezone"});
  }
  if (const auto filters = tool.Find("filters")) {
    RETURN_IF_ERROR(filters->MustBeObject());
    NoteOthers(out.ignored, *filters, {"allowed_domains", "blocked_domains"});
    if (const auto domains = filters->Find("allowed_domains")) {
      RETURN_IF_ERROR(ReadDomains(*domains, *search.mutable_allowed_domains()));
    }
    if (const auto domains = filters->Find("blocked_domains")) {
      RETURN_IF_ERROR(ReadDomains(*domains, *search.mutable_blocked_domains()));
      out.wishes.push_back({"web_search.blocked_domains", domains->Path()});
    }
  }
  boost::json::object options = tool.value().get_object();
  options.erase("type");
  const bool says_more = std::any_of(options.begin(), options.end(), [](const auto& member) {
    return member.key() != "search_context_size" && member.key() != "user_location" && member.key() != "filters";
  });
  if (!says_more) return {};
  search.mutable_original()->set_dialect("openai_responses");
  search.mutable_original()->set_type("web_search");
  search.mutable_original()->set_json(wire::JsonText(options));
  return {};
}

Result<void> DecodeMode(const JsonNode& choice, ToolChoice& out) {
  ASSIGN_OR_RETURN(const std::string_view mode, choice.OneOf({"none", "auto", "required"}));
  out.set_mode(mode == "none"   ? ToolChoice::MODE_NONE
               : mode == "auto" ? ToolChoice::MODE_AUTO
                                : ToolChoice::MODE_REQUIRED);
  return {};
}

Result<void> DecodeAllowed(const JsonNode& choice, DecodedRequest& out) {
  const auto inner = choice.Find("allowed_tools");
  if (!inner && !choice.Find("tools")) return choice.Wrong("a choice of type 'allowed_tools' needs allowed_tools");
  const JsonNode& allowed = inner ? *inner : choice;
  RETURN_IF_ERROR(allowed.RequiredString("mode"));
  ASSIGN_OR_RETURN(const std::string_view mode, allowed.Find("mode")->OneOf({"auto", "required"}));
  if (inner) {
    NoteOthers(out.ignored, choice, {"type", "allowed_tools"});
    NoteOthers(out.ignored, allowed, {"mode", "tools"});
  } else {
    NoteOthers(out.ignored, choice, {"type", "mode", "tools"});
  }
  ToolChoice& decoded = *out.request.mutable_tool_choice();
  decoded.set_mode(ToolChoice::MODE_ALLOWED);
  decoded.set_required(mode == "required");
  const auto tools = allowed.Find("tools");
  if (!tools) return allowed.Wrong("allowed_tools needs tools");
  RETURN_IF_ERROR(tools->MustBeArray());
  for (std::size_t i = 0; i < tools->size(); ++i) {
    RETURN_IF_ERROR(DecodeNamed(tools->At(i), *decoded.add_allowed(), out));
  }
  return {};
}

}  // namespace

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out) {
  RETURN_IF_ERROR(tools.MustBeArray());
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const JsonNode tool = tools.At(i);
    ASSIGN_OR_RETURN(const std::string_view type, TypeOfTool(tool));
    if (IsWebSearch(type)) {
      RETURN_IF_ERROR(DecodeHostedWebSearch(tool, out));
      continue;
    }
    if (type != "function" && type != "custom") {
      return tool.Find("type")->Unsupported("tools of this type are not supported");
    }
    // Some clients send the flat tools of the Responses API.
    const auto inner = tool.Find(type);
    if (!inner && !tool.Find("name")) {
      return tool.Wrong("a tool of type '" + std::string(type) + "' needs the member of that name");
    }
    if (inner) NoteOthers(out.ignored, tool, {"type", type});
    const JsonNode& body = inner ? *inner : tool;
    if (type == "custom") {
      RETURN_IF_ERROR(DecodeCustom(body, out));
    } else {
      RETURN_IF_ERROR(DecodeFunction(body, out, body.Find("input_schema") ? "input_schema" : "parameters"));
    }
  }
  return {};
}

Result<void> DecodeToolChoice(const JsonNode& choice, DecodedRequest& out) {
  ToolChoice& decoded = *out.request.mutable_tool_choice();
  if (choice.IsString()) return DecodeMode(choice, decoded);
  ASSIGN_OR_RETURN(const std::string_view type, choice.RequiredString("type"));
  if (type == "allowed_tools") return DecodeAllowed(choice, out);
  ASSIGN_OR_RETURN(const bool anthropic, TakeAnthropicChoice(choice, type, out));
  if (anthropic) return {};
  decoded.set_mode(ToolChoice::MODE_ONE);
  return DecodeNamed(choice, *decoded.mutable_tool(), out);
}

Result<void> DecodeFunctions(const JsonNode& functions, DecodedRequest& out) {
  RETURN_IF_ERROR(functions.MustBeArray());
  for (std::size_t i = 0; i < functions.size(); ++i) RETURN_IF_ERROR(DecodeFunction(functions.At(i), out));
  if (functions.size() == 0) return {};
  out.legacy_functions = true;
  out.request.set_parallel_tool_calls(false);  // the old answer has room for one call only
  return {};
}

Result<void> DecodeFunctionCall(const JsonNode& choice, DecodedRequest& out) {
  ToolChoice& decoded = *out.request.mutable_tool_choice();
  if (choice.IsString()) return DecodeMode(choice, decoded);
  ASSIGN_OR_RETURN(const std::string_view name, choice.RequiredString("name"));
  NoteOthers(out.ignored, choice, {"name"});
  decoded.set_mode(ToolChoice::MODE_ONE);
  decoded.mutable_tool()->set_kind(inference::v1::TOOL_KIND_FUNCTION);
  decoded.mutable_tool()->set_name(std::string(name));
  return {};
}

Result<void> DecodeWebSearch(const JsonNode& options, DecodedRequest& out) {
  RETURN_IF_ERROR(options.MustBeObject());
  NoteOthers(out.ignored, options, {"search_context_size", "user_location"});
  auto& search = *out.request.add_tools()->mutable_web_search();
  RETURN_IF_ERROR(ReadContextSize(options, search));
  const auto location = options.Find("user_location");
  if (!location) return {};
  NoteOthers(out.ignored, *location, {"type", "approximate"});
  auto& place = *search.mutable_location();
  const auto inner = location->Find("approximate");
  if (!inner) return {};
  NoteOthers(out.ignored, *inner, {"country", "region", "city", "timezone"});
  return ReadSearchLocation(*inner, place);
}

Result<void> DecodeResponseFormat(const JsonNode& format, DecodedRequest& out) {
  auto& decoded = *out.request.mutable_output_format();
  RETURN_IF_ERROR(format.RequiredString("type"));
  ASSIGN_OR_RETURN(const std::string_view type, format.Find("type")->OneOf({"text", "json_object", "json_schema"}));
  if (type != "json_schema" || format.Find(type)) NoteOthers(out.ignored, format, {"type", type});
  if (type == "text") {
    decoded.set_kind(inference::v1::OutputFormat::KIND_TEXT);
    return {};
  }
  if (type == "json_object") {
    decoded.set_kind(inference::v1::OutputFormat::KIND_JSON_OBJECT);
    return {};
  }
  // The Responses API has what is in "json_schema" beside the type.
  const auto inner = format.Find("json_schema");
  if (!inner && !format.Find("schema")) return format.Wrong("a format of type 'json_schema' needs json_schema");
  const JsonNode* schema = inner ? &*inner : &format;
  ASSIGN_OR_RETURN(const std::string_view name, schema->RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, schema->OptionalString("description"));
  NoteOthers(out.ignored, *schema, {"name", "description", "schema", "strict", inner ? "name" : "type"});
  decoded.set_kind(inference::v1::OutputFormat::KIND_JSON_SCHEMA);
  decoded.set_name(std::string(name));
  decoded.set_description(std::string(description));
  const auto body = schema->Find("schema");
  if (!body) {
    return Error(ErrorCode::kInvalidArgument, "a schema is required here")
        .From(Origin::kClient)
        .At(schema->PointerTo("schema"));
  }
  RETURN_IF_ERROR(body->MustBeObject());
  decoded.set_schema_json(body->Text());
  if (const auto strict = schema->Find("strict")) {
    ASSIGN_OR_RETURN(const bool value, strict->Bool());
    decoded.set_strict(value);
    if (value) out.wishes.push_back({"output_format.strict", strict->Path()});
  }
  return {};
}

}  // namespace patchbay::frontend::openai_chat
