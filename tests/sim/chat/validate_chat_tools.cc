// The `tools` and `tool_choice` parts of ValidateChat. A function stands one level deeper than in the Responses API;
// what is wrong with it is the same.
#include <string>

#include "tests/sim/chat/answer_chat.h"
#include "tests/sim/chat/validate_chat.h"
#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

std::optional<Reply> CheckChatTool(const json::value& value, const ApiModel& model, const std::string& path) {
  const json::object* tool = value.if_object();
  if (tool == nullptr) return InvalidType(path, "an object");
  const auto type = StringAt(*tool, "type");
  if (!type) return MissingParameter(path + ".type");
  const bool custom = *type == "custom" && model.custom_tools;
  if (!custom && *type != "function") return InvalidValue(path + ".type", *type, "'function'");
  if (auto refusal = RefuseUnknownKeys(*tool, {"type", *type}, path)) return refusal;
  const std::string inner_path = path + "." + std::string(*type);
  const json::object* inner = ObjectAt(*tool, *type);
  if (inner == nullptr) return MissingParameter(inner_path);
  if (custom) return std::nullopt;  // its name and grammar are looked at below
  if (auto refusal = RefuseUnknownKeys(*inner, {"name", "description", "parameters", "strict"}, inner_path))
    return refusal;
  if (IsAbsent(*inner, "parameters") || ObjectAt(*inner, "parameters") != nullptr) return std::nullopt;
  return InvalidType(inner_path + ".parameters", "an object");
}

}  // namespace

std::optional<Reply> ValidateChatTools(const json::object& request, const ApiModel& model) {
  const json::array* tools = ArrayAt(request, "tools");
  if (!IsAbsent(request, "tools") && tools == nullptr) return InvalidType("tools", "an array of objects");
  if (tools != nullptr && tools->empty())
    return InvalidRequest(
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array "
        "instead.",
        "tools", "empty_array");
  for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
    if (auto refusal = CheckChatTool((*tools)[i], model, PathOf("tools", i))) return refusal;
  }
  if (tools == nullptr && !IsAbsent(request, "tool_choice"))
    return InvalidRequest("'tool_choice' is only allowed when 'tools' are specified.", "tool_choice", "");
  if (tools == nullptr && !IsAbsent(request, "parallel_tool_calls"))
    return InvalidRequest("'parallel_tool_calls' is only allowed when 'tools' are specified.", "parallel_tool_calls",
                          "");
  if (!model.forced_tools && !IsAbsent(request, "tool_choice") && StringAt(request, "tool_choice") != "auto" &&
      StringAt(request, "tool_choice") != "none")
    return InvalidRequest("This model does not support this tool_choice.", "tool_choice", "");
  if (StringAt(request, "tool_choice") == "any" && !model.short_ids)
    return InvalidValue("tool_choice", "any", "'none', 'auto', and 'required'");
  const json::object flat = AsResponses(request);
  if (tools != nullptr) {
    if (auto refusal = ValidateTools(*ArrayAt(flat, "tools"), "tools")) return refusal;
  }
  return ValidateToolChoice(flat);
}

}  // namespace patchbay::sim
