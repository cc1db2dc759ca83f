#include "workers/frontend/dialects/gemini/request_tools.h"

#include <array>
#include <boost/json.hpp>
#include <optional>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/gemini/fields.h"
#include "workers/frontend/dialects/gemini/schema.h"

namespace patchbay::frontend::gemini {
namespace {

using inference::v1::ToolChoice;

struct Declaration {
  DecodedRequest& out;
  inference::v1::FunctionTool& function;

  void Ignore(const JsonNode& node) { out.Ignore(node); }
};

Result<void> ReadName(const JsonNode& node, Declaration& declaration) {
  ASSIGN_OR_RETURN(const std::string_view name, node.String());
  declaration.function.set_name(std::string(name));
  return {};
}

Result<void> ReadDescription(const JsonNode& node, Declaration& declaration) {
  ASSIGN_OR_RETURN(const std::string_view description, node.String());
  declaration.function.set_description(std::string(description));
  return {};
}

Result<void> ReadParameters(const JsonNode& node, Declaration& declaration) {
  RETURN_IF_ERROR(node.MustBeObject());
  boost::json::value schema = node.value();
  ConvertSchema(schema);
  declaration.function.set_parameters_json(wire::JsonText(schema));
  return {};
}

constexpr std::array kDeclarationFields = {
    Field<Declaration>{"behavior", IgnoreField},
    Field<Declaration>{"description", ReadDescription},
    Field<Declaration>{"name", ReadName},
    Field<Declaration>{"parameters", ReadParameters},
    Field<Declaration>{"parametersJsonSchema", ReadParameters},
    Field<Declaration>{"response", IgnoreField},
    Field<Declaration>{"responseJsonSchema", IgnoreField},
};

Result<void> ReadDeclarations(const JsonNode& node, DecodedRequest& out) {
  return ForEachOf(node, [&](const JsonNode& function, std::size_t) -> Result<void> {
    Declaration declaration{out, *out.request.add_tools()->mutable_function()};
    declaration.function.set_strict(false);
    RETURN_IF_ERROR(ReadFields(function, kDeclarationFields, declaration));
    if (declaration.function.name().empty()) return function.Wrong("a function needs a name");
    return {};
  });
}

// Searches and pages are one tool of the provider's, with its own settings.
Result<void> ReadWebSearch(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.MustBeObject());
  for (const auto& member : node.value().get_object()) {
    if (const auto option = node.Find(member.key())) out.Ignore(*option);
  }
  if (!out.web_search) out.request.add_tools()->mutable_web_search();
  out.web_search = true;
  return {};
}

constexpr std::array kToolFields = {
    Field<DecodedRequest>{"codeExecution", RefuseField},
    Field<DecodedRequest>{"computerUse", RefuseField},
    Field<DecodedRequest>{"enterpriseWebSearch", RefuseField},
    Field<DecodedRequest>{"exaAiSearch", RefuseField},
    Field<DecodedRequest>{"fileSearch", RefuseField},
    Field<DecodedRequest>{"functionDeclarations", ReadDeclarations},
    Field<DecodedRequest>{"googleMaps", RefuseField},
    Field<DecodedRequest>{"googleSearch", ReadWebSearch},
    Field<DecodedRequest>{"googleSearchRetrieval", ReadWebSearch},
    Field<DecodedRequest>{"mcpServers", RefuseField},
    Field<DecodedRequest>{"parallelAiSearch", RefuseField},
    Field<DecodedRequest>{"retrieval", RefuseField},
    Field<DecodedRequest>{"urlContext", ReadWebSearch},
};

struct CallingConfig {
  DecodedRequest& out;
  std::string mode;
  std::vector<std::string> allowed;

  void Ignore(const JsonNode& node) { out.Ignore(node); }
};

Result<void> ReadMode(const JsonNode& node, CallingConfig& config) {
  ASSIGN_OR_RETURN(config.mode, node.OneOf({"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"}));
  return {};
}

Result<void> ReadAllowed(const JsonNode& node, CallingConfig& config) {
  RETURN_IF_ERROR(node.MustBeArray());
  for (std::size_t i = 0; i < node.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view name, node.At(i).String());
    config.allowed.emplace_back(name);
  }
  return {};
}

constexpr std::array kCallingFields = {
    Field<CallingConfig>{"allowedFunctionNames", ReadAllowed},
    Field<CallingConfig>{"mode", ReadMode},
    Field<CallingConfig>{"streamFunctionCallArguments", IgnoreField},
};

void NameFunction(const std::string& name, ToolChoice::Named& named) {
  named.set_kind(inference::v1::TOOL_KIND_FUNCTION);
  named.set_name(name);
}

Result<void> ReadCallingConfig(const JsonNode& node, DecodedRequest& out) {
  CallingConfig config{.out = out, .mode = {}, .allowed = {}};
  RETURN_IF_ERROR(ReadFields(node, kCallingFields, config));
  if (config.mode.empty() && config.allowed.empty()) return {};
  ToolChoice& choice = *out.request.mutable_tool_choice();
  const bool must = config.mode == "ANY";
  if (config.mode == "NONE") {
    choice.set_mode(ToolChoice::MODE_NONE);
  } else if (must && config.allowed.size() == 1) {
    choice.set_mode(ToolChoice::MODE_ONE);
    NameFunction(config.allowed.front(), *choice.mutable_tool());
  } else if (!config.allowed.empty()) {
    choice.set_mode(ToolChoice::MODE_ALLOWED);
    choice.set_required(must);
    for (const std::string& name : config.allowed) NameFunction(name, *choice.add_allowed());
  } else if (must) {
    choice.set_mode(ToolChoice::MODE_REQUIRED);
  } else if (config.mode == "AUTO" || config.mode == "VALIDATED") {
    choice.set_mode(ToolChoice::MODE_AUTO);
  }
  return {};
}

constexpr std::array kConfigFields = {
    Field<DecodedRequest>{"functionCallingConfig", ReadCallingConfig},
    Field<DecodedRequest>{"includeServerSideToolInvocations", IgnoreField},
    Field<DecodedRequest>{"retrievalConfig", IgnoreField},
};

}  // namespace

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out) {
  return ForEachOf(tools, [&](const JsonNode& tool, std::size_t) { return ReadFields(tool, kToolFields, out); });
}

Result<void> DecodeToolConfig(const JsonNode& config, DecodedRequest& out) {
  return ReadFields(config, kConfigFields, out);
}

void AppendToolFields(std::vector<std::string>& names) {
  for (const auto& field : kToolFields) names.push_back("tools[]." + std::string(field.name));
  for (const auto& field : kDeclarationFields) {
    names.push_back("tools[].functionDeclarations[]." + std::string(field.name));
  }
  for (const auto& field : kConfigFields) names.push_back("toolConfig." + std::string(field.name));
  for (const auto& field : kCallingFields) {
    names.push_back("toolConfig.functionCallingConfig." + std::string(field.name));
  }
}

}  // namespace patchbay::frontend::gemini
