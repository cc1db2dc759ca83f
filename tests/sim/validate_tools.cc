// The `tools` and `tool_choice` parts of Validate (codex-wire §3.3).
#include <algorithm>
#include <array>

#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kToolNameCharsMax = 64;
constexpr int kSchemaDepthMax = 64;
constexpr std::string_view kToolTypes =
    "'function', 'custom', 'namespace', 'tool_search', 'web_search', 'web_search_preview', 'image_generation', and "
    "'local_shell'";

std::optional<Reply> CheckName(const json::object& tool, std::string_view path) {
  const std::string param = std::string(path) + ".name";
  const auto name = StringAt(tool, "name");
  if (!name) return MissingParameter(param);
  const bool plain = std::all_of(name->begin(), name->end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (name->empty() || !plain) {
    return InvalidRequest("Invalid '" + param +
                              "': string does not match pattern. Expected a string that matches the "
                              "pattern '^[a-zA-Z0-9_-]+$'.",
                          param, "invalid_value");
  }
  if (name->size() > kToolNameCharsMax) {
    return InvalidRequest("Invalid '" + param +
                              "': string too long. Expected a string with maximum length 64, but got a "
                              "string with length " +
                              std::to_string(name->size()) + " instead.",
                          param, "string_above_max_length");
  }
  return std::nullopt;
}

std::optional<Reply> CheckFunction(const json::object& tool, std::string_view path) {
  if (auto refusal = CheckName(tool, path)) return refusal;
  if (auto refusal =
          RefuseUnknownKeys(tool, {"type", "name", "description", "strict", "parameters", "defer_loading"}, path)) {
    return refusal;
  }
  const std::string subject = "function '" + std::string(*StringAt(tool, "name")) + "'";
  const std::string param = std::string(path) + ".parameters";
  const json::value* schema = tool.if_contains("parameters");
  if (auto refusal = ValidateParameters(schema == nullptr ? json::value() : *schema, subject, param)) return refusal;
  if (!TrueAt(tool, "strict")) return std::nullopt;
  return ValidateStrictSchema(tool.at("parameters"), subject, param, "invalid_function_parameters");
}

std::optional<Reply> CheckCustom(const json::object& tool, std::string_view path) {
  if (auto refusal = CheckName(tool, path)) return refusal;
  if (auto refusal = RefuseUnknownKeys(tool, {"type", "name", "description", "format", "defer_loading"}, path))
    return refusal;
  const json::object* format = ObjectAt(tool, "format");
  if (format == nullptr) return std::nullopt;
  const auto type = StringAt(*format, "type");
  if (type == "text") return std::nullopt;
  if (type != "grammar")
    return InvalidValue(std::string(path) + ".format.type", type.value_or(""), "'text' and 'grammar'");
  const auto syntax = StringAt(*format, "syntax");
  if (syntax != "lark" && syntax != "regex") {
    return InvalidValue(std::string(path) + ".format.syntax", syntax.value_or(""), "'lark' and 'regex'");
  }
  if (!StringAt(*format, "definition")) return MissingParameter(std::string(path) + ".format.definition");
  return std::nullopt;
}

std::optional<Reply> StrictObject(const json::object& schema, std::string_view subject, std::string_view param,
                                  std::string_view code, std::string_view context) {
  const auto refuse = [&](std::string_view why) {
    return InvalidRequest("Invalid schema for " + std::string(subject) + ": In context=(" + std::string(context) +
                              "), " + std::string(why),
                          param, code);
  };
  const json::object* properties = ObjectAt(schema, "properties");
  if (properties == nullptr) return std::nullopt;
  const json::value* additional = schema.if_contains("additionalProperties");
  if (additional == nullptr || *additional != json::value(false)) {
    return refuse("'additionalProperties' is required to be supplied and to be false.");
  }
  const json::array* required = ArrayAt(schema, "required");
  for (const auto& [key, value] : *properties) {
    const json::string name(key);
    if (required == nullptr || std::find(required->begin(), required->end(), json::value(name)) == required->end()) {
      return refuse(
          "'required' is required to be supplied and to be an array including every key in properties. Missing '" +
          std::string(key) + "'.");
    }
  }
  return std::nullopt;
}

std::optional<Reply> StrictWalk(const json::value& value, std::string_view subject, std::string_view param,
                                std::string_view code, const std::string& context, int depth) {
  if (depth > kSchemaDepthMax) return std::nullopt;
  const json::object* schema = value.if_object();
  if (schema == nullptr) return std::nullopt;
  if (auto refusal = StrictObject(*schema, subject, param, code, context)) return refusal;
  for (const std::string_view group : {"properties", "$defs", "definitions"}) {
    const json::object* members = ObjectAt(*schema, group);
    if (members == nullptr) continue;
    for (const auto& [key, member] : *members) {
      const std::string inner =
          context + (context.empty() ? "'" : ", '") + std::string(group) + "', '" + std::string(key) + "'";
      if (auto refusal = StrictWalk(member, subject, param, code, inner, depth + 1)) return refusal;
    }
  }
  if (const json::value* items = schema->if_contains("items")) {
    const std::string inner = context + (context.empty() ? "'items'" : ", 'items'");
    if (auto refusal = StrictWalk(*items, subject, param, code, inner, depth + 1)) return refusal;
  }
  if (const json::array* any = ArrayAt(*schema, "anyOf")) {
    for (const json::value& member : *any) {
      if (auto refusal = StrictWalk(member, subject, param, code, context, depth + 1)) return refusal;
    }
  }
  return std::nullopt;
}

// Whether a tool of that type (and name, unless empty) is offered, also inside namespaces.
bool IsOffered(const json::array& tools, std::string_view type, std::string_view name) {
  return std::any_of(tools.begin(), tools.end(), [&](const json::value& value) {
    const json::object* tool = value.if_object();
    if (tool == nullptr) return false;
    if (StringAt(*tool, "type") == type && (name.empty() || StringAt(*tool, "name") == name)) return true;
    const json::array* inner = ArrayAt(*tool, "tools");
    return inner != nullptr && IsOffered(*inner, type, name);
  });
}

}  // namespace

std::optional<Reply> ValidateStrictSchema(const json::value& schema, std::string_view subject, std::string_view param,
                                          std::string_view code) {
  return StrictWalk(schema, subject, param, code, "", 0);
}

std::optional<Reply> ValidateTools(const json::array& tools, std::string_view list, int depth) {
  static constexpr std::array<std::string_view, 5> kHosted = {"tool_search", "web_search", "web_search_preview",
                                                              "image_generation", "local_shell"};
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const std::string path = PathOf(list, i);
    const json::object* tool = tools[i].if_object();
    if (tool == nullptr) return InvalidType(path, "an object");
    const auto type = StringAt(*tool, "type");
    if (!type) return MissingParameter(path + ".type");
    if (*type == "function") {
      if (auto refusal = CheckFunction(*tool, path)) return refusal;
    } else if (*type == "custom") {
      if (auto refusal = CheckCustom(*tool, path)) return refusal;
    } else if (*type == "namespace" && depth == 0) {
      if (auto refusal = CheckName(*tool, path)) return refusal;
      const json::array* inner = ArrayAt(*tool, "tools");
      if (inner == nullptr) return MissingParameter(path + ".tools");
      if (auto refusal = ValidateTools(*inner, path + ".tools", depth + 1)) return refusal;
    } else if (std::find(kHosted.begin(), kHosted.end(), *type) == kHosted.end()) {
      return InvalidValue(path + ".type", *type, kToolTypes);
    }
  }
  return std::nullopt;
}

std::optional<Reply> ValidateToolChoice(const json::object& request) {
  if (IsAbsent(request, "tool_choice")) return std::nullopt;
  static const json::array kNone;
  const json::array* offered = ArrayAt(request, "tools");
  const json::array& tools = offered == nullptr ? kNone : *offered;
  if (const auto mode = StringAt(request, "tool_choice")) {
    if (*mode == "auto" || *mode == "none") return std::nullopt;
    if (*mode != "required") return InvalidValue("tool_choice", *mode, "'none', 'auto', and 'required'");
    if (!tools.empty()) return std::nullopt;
    return InvalidRequest("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice", "");
  }
  const json::object* choice = ObjectAt(request, "tool_choice");
  if (choice == nullptr) return InvalidType("tool_choice", "a string or an object");
  const std::string_view type = StringAt(*choice, "type").value_or("");
  if (type == "function" || type == "custom") {
    const auto name = StringAt(*choice, "name");
    if (!name) return MissingParameter("tool_choice.name");
    if (IsOffered(tools, type, *name)) return std::nullopt;
    return InvalidRequest("Tool choice '" + std::string(type) + "' not found in 'tools' parameter.", "tool_choice", "");
  }
  if (type == "allowed_tools") {
    const std::string_view mode = StringAt(*choice, "mode").value_or("");
    if (mode != "auto" && mode != "required") return InvalidValue("tool_choice.mode", mode, "'auto' and 'required'");
    return ArrayAt(*choice, "tools") == nullptr ? std::optional(MissingParameter("tool_choice.tools")) : std::nullopt;
  }
  if (type == "web_search" || type == "web_search_preview" || type == "image_generation" || type == "local_shell") {
    if (IsOffered(tools, type, "")) return std::nullopt;
    return InvalidRequest("Tool choice '" + std::string(type) + "' not found in 'tools' parameter.", "tool_choice", "");
  }
  return InvalidValue("tool_choice.type", type,
                      "'function', 'custom', 'allowed_tools', 'web_search', and 'image_generation'");
}

}  // namespace patchbay::sim
