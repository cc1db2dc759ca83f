// The `messages` part of ValidateChat: roles, contents, pairing of calls and results, and what families want of them.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <set>
#include <string>

#include "tests/sim/chat/validate_chat.h"
#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kCallIdCharsMax = 40;
constexpr std::size_t kShortIdChars = 9;

std::string_view RoleOf(const json::value& message) {
  const json::object* object = message.if_object();
  return object == nullptr ? "" : StringAt(*object, "role").value_or("");
}

std::optional<Reply> CheckMediaPart(const json::object& part, std::string_view type, const ApiModel& model,
                                    const std::string& path) {
  const std::string member = type == "image_url" ? "image_url" : type == "file" ? "file" : "input_audio";
  const json::object* inner = ObjectAt(part, member);
  if (inner == nullptr) return InvalidType(path + "." + member, "an object");
  if (!model.vision) return InvalidValue(path + ".type", type, "'text'");
  if (type == "image_url") {
    if (auto refusal = RefuseUnknownKeys(*inner, {"url", "detail"}, path + ".image_url")) return refusal;
    const auto url = StringAt(*inner, "url");
    if (!url) return MissingParameter(path + ".image_url.url");
    const bool known = url->starts_with("https://") || url->starts_with("http://") || url->starts_with("data:image/");
    if (known) return std::nullopt;
    return InvalidRequest("Invalid image URL: expected a URL or a data URL of an image.", path + ".image_url.url",
                          "invalid_image_url");
  }
  if (type == "file") {
    if (auto refusal = RefuseUnknownKeys(*inner, {"file_data", "file_id", "filename"}, path + ".file")) return refusal;
    const auto data = StringAt(*inner, "file_data");
    if (data && !data->starts_with("data:"))
      return InvalidRequest("Invalid file data: expected a base64-encoded data URL.", path + ".file.file_data",
                            "invalid_value");
    if (data && !StringAt(*inner, "filename")) return MissingParameter(path + ".file.filename");
    return data || StringAt(*inner, "file_id") ? std::nullopt : std::optional(MissingParameter(path + ".file.file_id"));
  }
  const auto format = StringAt(*inner, "format").value_or("");
  if (format != "wav" && format != "mp3") return InvalidValue(path + ".input_audio.format", format, "'wav' and 'mp3'");
  return StringAt(*inner, "data") ? std::nullopt : std::optional(MissingParameter(path + ".input_audio.data"));
}

std::optional<Reply> CheckChatPart(const json::object& part, std::string_view role, const ApiModel& model,
                                   const std::string& path) {
  const auto type = StringAt(part, "type");
  if (!type) return MissingParameter(path + ".type");
  if (*type == "text") return StringAt(part, "text") ? std::nullopt : std::optional(MissingParameter(path + ".text"));
  if (*type == "refusal" && role == "assistant") return std::nullopt;
  if (*type == "thinking" && role == "assistant" && model.form == ReasoningForm::kParts) return std::nullopt;
  if (role == "user" && (*type == "image_url" || *type == "file" || *type == "input_audio"))
    return CheckMediaPart(part, *type, model, path);
  return InvalidValue(path + ".type", *type,
                      role == "user" ? "'text', 'image_url', 'input_audio', and 'file'" : "'text'");
}

std::optional<Reply> CheckChatContent(const json::object& message, std::string_view role, const ApiModel& model,
                                      const std::string& path) {
  const json::array* calls = ArrayAt(message, "tool_calls");
  if (IsAbsent(message, "content")) {
    const bool may_be_silent = role == "assistant" && (calls != nullptr || !IsAbsent(message, "refusal"));
    if (may_be_silent) return std::nullopt;
    return InvalidRequest("Invalid value for 'content': expected a string, got null.", path + ".content", "");
  }
  if (StringAt(message, "content")) return std::nullopt;
  const json::array* parts = ArrayAt(message, "content");
  if (parts == nullptr) return InvalidType(path + ".content", "one of a string or array of objects");
  if (parts->empty())
    return InvalidRequest("Invalid '" + path + ".content': empty array. Expected an array with minimum length 1.",
                          path + ".content", "empty_array");
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const json::object* part = (*parts)[i].if_object();
    const std::string place = PathOf(path + ".content", i);
    if (part == nullptr) return InvalidType(place, "an object");
    if (auto refusal = CheckChatPart(*part, role, model, place)) return refusal;
  }
  return std::nullopt;
}

bool IsShortId(std::string_view id) {
  return id.size() == kShortIdChars && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

std::optional<Reply> CheckCallId(std::string_view id, const ApiModel& model, const std::string& path) {
  if (id.empty()) return MissingParameter(path);
  if (model.short_ids && !IsShortId(id))
    return ApiErrorReply(422, "Tool call id was " + std::string(id) + " but must be a-z, A-Z, 0-9, with a length of 9.",
                         "invalid_request_error", path, "3280");
  if (id.size() <= kCallIdCharsMax) return std::nullopt;
  return InvalidRequest("Invalid '" + path +
                            "': string too long. Expected a string with maximum length 40, but got a "
                            "string with length " +
                            std::to_string(id.size()) + " instead.",
                        path, "string_above_max_length");
}

std::optional<Reply> CheckToolCalls(const json::object& message, const ApiModel& model, const std::string& path) {
  if (IsAbsent(message, "tool_calls")) return std::nullopt;
  const json::array* calls = ArrayAt(message, "tool_calls");
  if (calls == nullptr) return InvalidType(path + ".tool_calls", "an array of objects");
  if (calls->empty())
    return InvalidRequest("Invalid '" + path + ".tool_calls': empty array. Expected an array with minimum length 1.",
                          path + ".tool_calls", "empty_array");
  for (std::size_t i = 0; i < calls->size(); ++i) {
    const std::string place = PathOf(path + ".tool_calls", i);
    const json::object* call = (*calls)[i].if_object();
    if (call == nullptr) return InvalidType(place, "an object");
    const auto type = StringAt(*call, "type");
    if (!type) return MissingParameter(place + ".type");
    if (auto refusal = CheckCallId(StringAt(*call, "id").value_or(""), model, place + ".id")) return refusal;
    const bool custom = *type == "custom" && model.custom_tools;
    if (!custom && *type != "function") return InvalidValue(place + ".type", *type, "'function'");
    const json::object* inner = ObjectAt(*call, *type);
    if (inner == nullptr) return MissingParameter(place + "." + std::string(*type));
    if (StringAt(*inner, "name").value_or("").empty())
      return MissingParameter(place + "." + std::string(*type) + ".name");
    const std::string_view text = custom ? "input" : "arguments";
    if (!StringAt(*inner, text))
      return InvalidType(place + "." + std::string(*type) + "." + std::string(text), "a string");
  }
  return std::nullopt;
}

// A turn with calls carries the reasoning that led to them (providers §2 rule 4).
std::optional<Reply> CheckReasoningBack(const json::object& message, const ApiModel& model) {
  if (!model.reasoning_back || IsAbsent(message, "tool_calls")) return std::nullopt;
  if (!StringAt(message, "reasoning_content").value_or("").empty()) return std::nullopt;
  return InvalidRequest("The `reasoning_content` in the thinking mode must be passed back to the API.", "", "");
}

std::optional<Reply> CheckRole(const json::array& messages, std::size_t at, const ApiModel& model) {
  const std::string path = PathOf("messages", at, "role");
  const std::string_view role = RoleOf(messages[at]);
  if (role.empty()) return MissingParameter(path);
  if (role == "developer" && !model.developer)
    return InvalidValue(path, role, "'system', 'assistant', 'user', and 'tool'");
  if (role == "system" && model.one_system && at > 0)
    return ApiErrorReply(400, "invalid params, invalid message role: system (2013)", "bad_request_error", "", "");
  if (role == "system" || role == "developer" || role == "user" || role == "assistant" || role == "tool" ||
      (role == "function" && model.developer))
    return std::nullopt;
  return InvalidValue(path, role, "'system', 'assistant', 'user', 'function', 'tool', and 'developer'");
}

std::optional<Reply> CheckOne(const json::array& messages, std::size_t at, const ApiModel& model) {
  const std::string path = PathOf("messages", at);
  const json::object* message = messages[at].if_object();
  if (message == nullptr) return InvalidType(path, "an object");
  if (auto refusal = CheckRole(messages, at, model)) return refusal;
  const std::string_view role = RoleOf(messages[at]);
  if (!model.names && role != "tool" && !IsAbsent(*message, "name"))
    return InvalidRequest("'" + path + "' : property 'name' is unsupported", path, "");
  if (auto refusal = CheckChatContent(*message, role, model, path)) return refusal;
  if (role == "tool") {
    if (StringAt(*message, "tool_call_id").value_or("").empty()) return MissingParameter(path + ".tool_call_id");
    if (model.short_ids && StringAt(*message, "name").value_or("").empty())
      return ApiErrorReply(422, "Field required: name", "invalid_request_error", path + ".name", "");
  }
  if (role == "user" && model.short_ids && at > 0 && RoleOf(messages[at - 1]) == "tool")
    return ApiErrorReply(400, "Unexpected role 'user' after role 'tool'", "invalid_request_message_order", "", "3230");
  if (role != "assistant") return std::nullopt;
  if (auto refusal = CheckToolCalls(*message, model, path)) return refusal;
  return CheckReasoningBack(*message, model);
}

// Behind a turn with calls stand the results of all of them, and nowhere else.
std::optional<Reply> CheckResults(const json::array& messages) {
  std::vector<std::string_view> open;
  std::size_t caller = 0;
  const auto refuse_open = [&]() -> std::optional<Reply> {
    if (open.empty()) return std::nullopt;
    std::string ids;
    for (const std::string_view id : open) ids += (ids.empty() ? "" : ", ") + std::string(id);
    return InvalidRequest(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        "'tool_call_id'. The following tool_call_ids did not have response messages: " +
            ids,
        PathOf("messages", caller, "role"), "");
  };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const json::object& message = messages[i].get_object();
    if (RoleOf(messages[i]) == "tool") {
      const auto id = StringAt(message, "tool_call_id");
      const auto found = std::find(open.begin(), open.end(), *id);
      if (found == open.end())
        return InvalidRequest(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
            "with 'tool_calls'.",
            PathOf("messages", i, "role"), "");
      open.erase(found);
      continue;
    }
    if (auto refusal = refuse_open()) return refusal;
    const json::array* calls = ArrayAt(message, "tool_calls");
    if (calls == nullptr) continue;
    caller = i;
    std::set<std::string_view> ids;
    for (const json::value& call : *calls) {
      const std::string_view id = StringAt(call.get_object(), "id").value_or("");
      if (!ids.insert(id).second)
        return InvalidRequest("Duplicate value for 'tool_call_id' of '" + std::string(id) + "'.",
                              PathOf("messages", i, "tool_calls"), "");
      open.push_back(id);
    }
  }
  return refuse_open();
}

}  // namespace

std::optional<Reply> ValidateMessages(const json::object& request, const ApiModel& model) {
  if (IsAbsent(request, "messages")) return MissingParameter("messages");
  const json::array* messages = ArrayAt(request, "messages");
  if (messages == nullptr) return InvalidType("messages", "an array of objects");
  if (messages->empty())
    return InvalidRequest(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
        "array instead.",
        "messages", "empty_array");
  for (std::size_t i = 0; i < messages->size(); ++i) {
    if (auto refusal = CheckOne(*messages, i, model)) return refusal;
  }
  return CheckResults(*messages);
}

}  // namespace patchbay::sim
