#include "workers/frontend/dialects/openai_responses/translated/tool_decoder.h"

#include <string_view>
#include <utility>

#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/media_url.h"
#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_search.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;
using Tools = google::protobuf::RepeatedPtrField<inf::Tool>;
using Ignored = std::vector<std::string>;

bool IsWebSearch(std::string_view type) { return type == "web_search" || type.starts_with("web_search_"); }

inf::Opaque OriginalOf(const JsonNode& tool, std::string_view type) {
  inf::Opaque original;
  original.set_dialect(std::string(kDialect));
  original.set_type(std::string(type));
  original.set_json(tool.Text());
  return original;
}

// {"type":"function","name","description","parameters","strict"}
Result<void> DecodeFunctionTool(const JsonNode& tool, inf::FunctionTool& out, Ignored& ignored) {
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, tool.OptionalString("description"));
  NoteOthers(ignored, tool, {"type", "name", "description", "parameters", "strict"});
  out.set_name(std::string(name));
  out.set_description(std::string(description));
  if (const auto parameters = tool.Find("parameters")) {
    RETURN_IF_ERROR(parameters->MustBeObject());
    out.set_parameters_json(parameters->Text());
  }
  if (const auto strict = tool.Find("strict")) {
    ASSIGN_OR_RETURN(const bool value, strict->Bool());
    out.set_strict(value);
  }
  return {};
}

// {"type":"custom","name","description","format":{"type":"text"}|{"type":"grammar","syntax","definition"}}, where the
// form of Chat Completions has a member `grammar` around the last two.
Result<void> DecodeCustomTool(const JsonNode& tool, inf::CustomTool& out, Ignored& ignored) {
  ASSIGN_OR_RETURN(const std::string_view name, tool.RequiredString("name"));
  ASSIGN_OR_RETURN(const std::string_view description, tool.OptionalString("description"));
  NoteOthers(ignored, tool, {"type", "name", "description", "format"});
  out.set_name(std::string(name));
  out.set_description(std::string(description));
  const auto format = tool.Find("format");
  if (!format) return {};
  ASSIGN_OR_RETURN(const std::string_view type, format->RequiredString("type"));
  if (type == "text") return {};
  if (type != "grammar") return format->Find("type")->Wrong("expected 'text' or 'grammar'");
  const auto inner = format->Find("grammar");
  const JsonNode& grammar = inner ? *inner : *format;
  ASSIGN_OR_RETURN(const std::string_view syntax, grammar.RequiredString("syntax"));
  ASSIGN_OR_RETURN(const std::string_view definition, grammar.RequiredString("definition"));
  out.set_grammar_syntax(std::string(syntax));
  out.set_grammar_definition(std::string(definition));
  return {};
}

Result<void> DecodeDomains(const JsonNode& filters, std::string_view member,
                           google::protobuf::RepeatedPtrField<std::string>& out) {
  const auto domains = filters.Find(member);
  if (!domains) return {};
  RETURN_IF_ERROR(domains->MustBeArray());
  for (std::size_t i = 0; i < domains->size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view domain, domains->At(i).String());
    *out.Add() = std::string(domain);
  }
  return {};
}

// {"type":"web_search","filters":{"allowed_domains"},"user_location":{"country",…},"search_context_size"}
Result<void> DecodeWebSearch(const JsonNode& tool, inf::WebSearchTool& out) {
  if (const auto filters = tool.Find("filters")) {
    RETURN_IF_ERROR(DecodeDomains(*filters, "allowed_domains", *out.mutable_allowed_domains()));
    RETURN_IF_ERROR(DecodeDomains(*filters, "blocked_domains", *out.mutable_blocked_domains()));
  }
  if (const auto place = tool.Find("user_location")) {
    auto& location = *out.mutable_location();
    ASSIGN_OR_RETURN(*location.mutable_country(), place->OptionalString("country"));
    ASSIGN_OR_RETURN(*location.mutable_region(), place->OptionalString("region"));
    ASSIGN_OR_RETURN(*location.mutable_city(), place->OptionalString("city"));
    ASSIGN_OR_RETURN(*location.mutable_timezone(), place->OptionalString("timezone"));
  }
  ASSIGN_OR_RETURN(*out.mutable_context_size(), tool.OptionalString("search_context_size"));
  *out.mutable_original() = OriginalOf(tool, "web_search");
  return {};
}

Result<void> DecodeCount(const JsonNode& tool, std::string_view member, void (inf::ImageGenerationTool::*set)(int),
                         inf::ImageGenerationTool& out) {
  const auto node = tool.Find(member);
  if (!node) return {};
  ASSIGN_OR_RETURN(const std::int64_t count, node->Int());
  if (count < 0 || count > 100) return node->Wrong("expected a number from 0 to 100");
  (out.*set)(static_cast<int>(count));
  return {};
}

Result<void> DecodeImageTool(const JsonNode& tool, inf::ImageGenerationTool& out) {
  ASSIGN_OR_RETURN(*out.mutable_model(), tool.OptionalString("model"));
  ASSIGN_OR_RETURN(*out.mutable_size(), tool.OptionalString("size"));
  ASSIGN_OR_RETURN(*out.mutable_quality(), tool.OptionalString("quality"));
  ASSIGN_OR_RETURN(*out.mutable_format(), tool.OptionalString("output_format"));
  ASSIGN_OR_RETURN(*out.mutable_background(), tool.OptionalString("background"));
  ASSIGN_OR_RETURN(*out.mutable_moderation(), tool.OptionalString("moderation"));
  ASSIGN_OR_RETURN(*out.mutable_action(), tool.OptionalString("action"));
  ASSIGN_OR_RETURN(*out.mutable_input_fidelity(), tool.OptionalString("input_fidelity"));
  RETURN_IF_ERROR(DecodeCount(tool, "output_compression", &inf::ImageGenerationTool::set_compression, out));
  RETURN_IF_ERROR(DecodeCount(tool, "partial_images", &inf::ImageGenerationTool::set_partial_images, out));
  if (const auto mask = tool.Find("input_image_mask")) {
    if (const auto url = mask->Find("image_url")) {
      ASSIGN_OR_RETURN(const std::string_view text, ReadMediaUrl(*url));
      out.mutable_mask()->set_url(std::string(text));
    }
  }
  return {};
}

Result<void> DecodeTool(const JsonNode& tool, Tools& out, Ignored& ignored, bool grouped);

Result<void> DecodeNamespace(const JsonNode& tool, inf::NamespaceTool& out, Ignored& ignored) {
  ASSIGN_OR_RETURN(*out.mutable_name(), tool.RequiredString("name"));
  ASSIGN_OR_RETURN(*out.mutable_description(), tool.OptionalString("description"));
  NoteOthers(ignored, tool, {"type", "name", "description", "tools"});
  const auto tools = tool.Find("tools");
  if (!tools) return {};
  RETURN_IF_ERROR(tools->MustBeArray());
  for (std::size_t i = 0; i < tools->size(); ++i) {
    RETURN_IF_ERROR(DecodeTool(tools->At(i), *out.mutable_tools(), ignored, true));
  }
  return {};
}

Result<void> DecodeTool(const JsonNode& tool, Tools& out, Ignored& ignored, bool grouped) {
  RETURN_IF_ERROR(tool.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view type, tool.RequiredString("type"));
  if (type == "function" || type == "custom") {
    // The form of Chat Completions has a member of the type's name around the rest.
    const auto inner = tool.Find("name") ? std::nullopt : tool.Find(type);
    const JsonNode& body = inner ? *inner : tool;
    if (type == "function") return DecodeFunctionTool(body, *out.Add()->mutable_function(), ignored);
    return DecodeCustomTool(body, *out.Add()->mutable_custom(), ignored);
  }
  if (type == "namespace") {
    if (grouped) return tool.Find("type")->Wrong("a namespace holds functions and custom tools");
    return DecodeNamespace(tool, *out.Add()->mutable_namespace_(), ignored);
  }
  if (IsWebSearch(type)) return DecodeWebSearch(tool, *out.Add()->mutable_web_search());
  if (type == "image_generation") return DecodeImageTool(tool, *out.Add()->mutable_image_generation());
  if (type == kToolSearch) {
    ASSIGN_OR_RETURN(const bool ours, IsRunByClient(tool));
    if (ours) return DecodeSearchTool(tool, *out.Add()->mutable_function());
  }
  *out.Add()->mutable_opaque() = OriginalOf(tool, type);
  return {};
}

// {"type":"function","name"}, and of custom tools likewise; false for a tool that the provider runs.
Result<bool> DecodeNamedTool(const JsonNode& node, inf::ToolChoice::Named& out) {
  ASSIGN_OR_RETURN(const std::string_view type, node.RequiredString("type"));
  if (type != "function" && type != "custom") return false;
  const auto inner = node.Find("name") ? std::nullopt : node.Find(type);
  ASSIGN_OR_RETURN(*out.mutable_name(), (inner ? *inner : node).RequiredString("name"));
  out.set_kind(type == "custom" ? inf::TOOL_KIND_CUSTOM : inf::TOOL_KIND_FUNCTION);
  return true;
}

// {"type":"allowed_tools","mode","tools":[…]}, which Chat Completions has inside a member of that name.
Result<void> DecodeAllowedTools(const JsonNode& choice, inf::ToolChoice& out, Ignored& ignored) {
  const auto inner = choice.Find("allowed_tools");
  const JsonNode& allowed = inner ? *inner : choice;
  out.set_mode(inf::ToolChoice::MODE_ALLOWED);
  if (const auto mode = allowed.Find("mode")) {
    ASSIGN_OR_RETURN(const std::string_view word, mode->OneOf({"auto", "required"}));
    out.set_required(word == "required");
  }
  const auto tools = allowed.Find("tools");
  if (!tools) return allowed.Wrong("a choice of type 'allowed_tools' needs tools");
  RETURN_IF_ERROR(tools->MustBeArray());
  for (std::size_t i = 0; i < tools->size(); ++i) {
    inf::ToolChoice::Named named;
    ASSIGN_OR_RETURN(const bool known, DecodeNamedTool(tools->At(i), named));
    if (known) {
      *out.add_allowed() = std::move(named);
    } else {
      NoteIgnored(ignored, tools->At(i).Path());
    }
  }
  return {};
}

}  // namespace

Result<void> DecodeTools(const JsonNode& tools, inf::GenerateRequest& request, Ignored& ignored) {
  RETURN_IF_ERROR(tools.MustBeArray());
  for (std::size_t i = 0; i < tools.size(); ++i) {
    RETURN_IF_ERROR(DecodeTool(tools.At(i), *request.mutable_tools(), ignored, false));
  }
  return {};
}

Result<void> DecodeToolChoice(const JsonNode& choice, inf::GenerateRequest& request, Ignored& ignored) {
  inf::ToolChoice& out = *request.mutable_tool_choice();
  if (choice.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view mode, choice.OneOf({"none", "auto", "required"}));
    out.set_mode(mode == "none"   ? inf::ToolChoice::MODE_NONE
                 : mode == "auto" ? inf::ToolChoice::MODE_AUTO
                                  : inf::ToolChoice::MODE_REQUIRED);
    return {};
  }
  RETURN_IF_ERROR(choice.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view type, choice.RequiredString("type"));
  if (type == "allowed_tools") return DecodeAllowedTools(choice, out, ignored);
  ASSIGN_OR_RETURN(const bool named, DecodeNamedTool(choice, *out.mutable_tool()));
  if (named) {
    out.set_mode(inf::ToolChoice::MODE_ONE);
    return {};
  }
  // One of the tools that the provider runs: that some tool is called is all that others can be asked for.
  out.clear_tool();
  out.set_mode(inf::ToolChoice::MODE_REQUIRED);
  NoteIgnored(ignored, choice.Find("type")->Path());
  return {};
}

}  // namespace patchbay::frontend::openai_responses::translated
