// The `input` part of Validate: items, their contents, pairing and order (codex-wire §3.2).
#include <algorithm>
#include <array>
#include <set>

#include "lib/base/encoding.h"
#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kIdCharsMax = 64;
constexpr std::string_view kInvalidImage =
    "The image data you provided does not represent a valid image. Please check your input and try again with one of "
    "the "
    "following image formats: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'].";

// One kind of item: what its id begins with and which members it may have beside the common ones.
struct ItemRule {
  std::string_view type;
  std::string_view id_prefix;
  std::vector<std::string_view> members;
};

const ItemRule* RuleFor(std::string_view type) {
  static const std::vector<ItemRule> kRules = {
      {"message", "msg", {"role", "content", "phase"}},
      {"agent_message", "amsg", {"author", "recipient", "content"}},
      {"reasoning", "rs", {"summary", "content", "encrypted_content"}},
      {"function_call", "fc", {"name", "namespace", "arguments", "call_id", "encrypted_function_args"}},
      {"function_call_output", "fco", {"call_id", "output", "name", "namespace"}},
      {"custom_tool_call", "ctc", {"call_id", "name", "namespace", "input"}},
      {"custom_tool_call_output", "ctco", {"call_id", "name", "output"}},
      {"local_shell_call", "lsh", {"call_id", "action"}},
      {"tool_search_call", "tsc", {"call_id", "execution", "arguments"}},
      {"tool_search_output", "tso", {"call_id", "execution", "tools"}},
      {"web_search_call", "ws", {"action"}},
      {"image_generation_call", "ig", {"revised_prompt", "result", "size", "quality", "background", "output_format"}},
      {"compaction", "cmp", {"encrypted_content"}},
      {"compaction_summary", "cmp", {"encrypted_content"}},
      {"context_compaction", "cmp", {"encrypted_content"}},
      {"compaction_trigger", "", {}},
      {"additional_tools", "at", {"role", "tools"}},
      {"configuration_update", "", {"reasoning"}},
  };
  const auto it = std::find_if(kRules.begin(), kRules.end(), [&](const ItemRule& rule) { return rule.type == type; });
  return it == kRules.end() ? nullptr : &*it;
}

std::optional<Reply> CheckMembers(const json::object& item, const ItemRule& rule, const std::string& path) {
  static constexpr std::array<std::string_view, 4> kCommon = {"type", "id", "status",
                                                              "internal_chat_message_metadata_passthrough"};
  for (const auto& member : item) {
    const std::string_view key = member.key();
    if (std::find(kCommon.begin(), kCommon.end(), key) != kCommon.end()) continue;
    if (std::find(rule.members.begin(), rule.members.end(), key) != rule.members.end()) continue;
    return UnknownParameter(path + "." + std::string(key));
  }
  if (IsAbsent(item, "id")) return std::nullopt;
  const auto id = StringAt(item, "id");
  if (!id) return InvalidType(path + ".id", "a string");
  if (id->size() > kIdCharsMax) {
    return InvalidRequest("Invalid '" + path +
                              ".id': string too long. Expected a string with maximum length 64, but got a "
                              "string with length " +
                              std::to_string(id->size()) + " instead.",
                          path + ".id", "string_above_max_length");
  }
  const std::string prefix = std::string(rule.id_prefix) + "_";
  if (id->substr(0, prefix.size()) != prefix) {
    return InvalidRequest("Invalid '" + path + ".id': '" + std::string(*id) + "'. Expected an ID that begins with '" +
                              std::string(rule.id_prefix) + "'.",
                          path + ".id", "invalid_value");
  }
  return std::nullopt;
}

// A data URL must hold what it says; other URLs are only looked at by their scheme.
bool IsImage(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://", "sediment://"}) {
    if (url.substr(0, scheme.size()) == scheme) return true;
  }
  const auto comma = url.find(',');
  if (url.substr(0, 11) != "data:image/" || comma == std::string_view::npos) return false;
  const std::string_view kind = url.substr(11, comma - 11);
  const auto bytes = Base64Decode(url.substr(comma + 1));
  if (!bytes.ok()) return false;
  const std::string_view data = *bytes;
  if (kind == "png;base64") return data.substr(0, 4) == "\x89PNG";
  if (kind == "jpeg;base64" || kind == "jpg;base64") return data.substr(0, 2) == "\xff\xd8";
  if (kind == "gif;base64") return data.substr(0, 4) == "GIF8";
  return kind == "webp;base64" && data.substr(0, 4) == "RIFF";
}

std::optional<Reply> CheckImagePart(const json::object& part, const std::string& path) {
  if (auto refusal = RefuseUnknownKeys(part, {"type", "image_url", "detail", "file_id"}, path)) return refusal;
  if (const auto detail = StringAt(part, "detail");
      detail && *detail != "auto" && *detail != "low" && *detail != "high" && *detail != "original") {
    return InvalidValue(path + ".detail", *detail, "'auto', 'low', 'high', and 'original'");
  }
  if (StringAt(part, "file_id")) return std::nullopt;
  const auto url = StringAt(part, "image_url");
  if (!url) return InvalidType(path + ".image_url", "an image URL, as a string");
  return IsImage(*url) ? std::nullopt
                       : std::optional(InvalidRequest(kInvalidImage, path + ".image_url", "invalid_image"));
}

// Parts of the model's own words are output_text (or a refusal); everybody else's are inputs.
std::optional<Reply> CheckPart(const json::object& part, bool assistant, const std::string& path) {
  const auto type = StringAt(part, "type");
  if (!type) return MissingParameter(path + ".type");
  if (assistant) {
    if (*type != "output_text" && *type != "refusal") {
      return InvalidValue(path + ".type", *type, "'output_text' and 'refusal'");
    }
    const std::string_view member = *type == "refusal" ? "refusal" : "text";
    if (!StringAt(part, member)) return MissingParameter(path + "." + std::string(member));
    return RefuseUnknownKeys(part, {"type", member, "annotations", "logprobs"}, path);
  }
  if (*type == "input_image") return CheckImagePart(part, path);
  if (*type == "input_text") {
    if (!StringAt(part, "text")) return MissingParameter(path + ".text");
    return RefuseUnknownKeys(part, {"type", "text"}, path);
  }
  if (*type == "input_audio") return RefuseUnknownKeys(part, {"type", "audio_url", "input_audio"}, path);
  if (*type == "input_file") {
    return RefuseUnknownKeys(part, {"type", "filename", "file_data", "file_id", "file_url", "detail"}, path);
  }
  if (*type == "encrypted_content") return std::nullopt;
  return InvalidValue(path + ".type", *type, "'input_text', 'input_image', 'input_audio', and 'input_file'");
}

std::optional<Reply> CheckContent(const json::value* content, bool assistant, const std::string& path) {
  if (content == nullptr) return MissingParameter(path);
  if (content->is_string()) return std::nullopt;
  const json::array* parts = content->if_array();
  if (parts == nullptr) return InvalidType(path, "a string or an array of content parts");
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const json::object* part = (*parts)[i].if_object();
    if (part == nullptr) return InvalidType(PathOf(path, i), "an object");
    if (auto refusal = CheckPart(*part, assistant, PathOf(path, i))) return refusal;
  }
  return std::nullopt;
}

std::optional<Reply> CheckMessage(const json::object& item, const Caller& caller, const std::string& path) {
  const auto role = StringAt(item, "role");
  if (!role) return MissingParameter(path + ".role");
  if (*role == "system" && caller.model == nullptr) return DetailReply(400, "System messages are not allowed");
  if (*role != "user" && *role != "assistant" && *role != "developer" && *role != "system") {
    return InvalidValue(path + ".role", *role, "'assistant', 'developer', and 'user'");
  }
  return CheckContent(item.if_contains("content"), *role == "assistant", path + ".content");
}

// Nothing is stored, so an item that only points at the server's copy points at nothing.
std::optional<Reply> CheckReasoning(const json::object& item, const Caller& caller, const std::string& path) {
  if (ArrayAt(item, "summary") == nullptr) return MissingParameter(path + ".summary");
  const auto encrypted = StringAt(item, "encrypted_content");
  if (!encrypted) {
    const auto id = StringAt(item, "id");
    return id ? ItemNotFound(*id) : MissingParameter(path + ".encrypted_content");
  }
  if (!IsEncryptedFor(*encrypted, caller.account_id)) return InvalidEncryptedContent(*encrypted);
  return std::nullopt;
}

// Reasoning belongs to the item right behind it.
std::optional<Reply> CheckFollower(const json::array& input, std::size_t index, const json::object& item) {
  const json::object* next = index + 1 < input.size() ? input[index + 1].if_object() : nullptr;
  const std::string_view type = next == nullptr ? "" : StringAt(*next, "type").value_or("message");
  const bool output = type == "message"
                          ? StringAt(*next, "role") == "assistant"
                          : (type.size() > 5 && type.substr(type.size() - 5) == "_call") || type == "reasoning";
  if (output) return std::nullopt;
  return InvalidRequest("Item '" + std::string(StringAt(item, "id").value_or("")) +
                            "' of type 'reasoning' was provided without its required following item.",
                        "input", "");
}

std::optional<Reply> CheckCall(const json::object& item, std::string_view text_member, const std::string& path) {
  const auto call_id = StringAt(item, "call_id");
  if (!call_id || call_id->empty()) return MissingParameter(path + ".call_id");
  if (call_id->size() > kIdCharsMax) {
    return InvalidRequest("Invalid '" + path +
                              ".call_id': string too long. Expected a string with maximum length 64, but "
                              "got a string with length " +
                              std::to_string(call_id->size()) + " instead.",
                          path + ".call_id", "string_above_max_length");
  }
  if (text_member == "output") return CheckContent(item.if_contains("output"), false, path + ".output");
  const auto name = StringAt(item, "name");
  if (!name || name->empty()) return MissingParameter(path + ".name");
  if (IsAbsent(item, text_member)) return MissingParameter(path + "." + std::string(text_member));
  if (!StringAt(item, text_member)) return InvalidType(path + "." + std::string(text_member), "a string");
  return std::nullopt;
}

std::optional<Reply> CheckWebSearch(const json::object& item, const std::string& path) {
  const json::object* action = ObjectAt(item, "action");
  if (action == nullptr) return std::nullopt;
  const std::string_view type = StringAt(*action, "type").value_or("");
  if (type == "search" || type == "open_page" || type == "find_in_page") return std::nullopt;
  return InvalidValue(path + ".action.type", type, "'search', 'open_page', and 'find_in_page'");
}

std::optional<Reply> CheckItem(const json::array& input, std::size_t index, const Caller& caller) {
  const std::string path = PathOf("input", index);
  const json::object* item = input[index].if_object();
  if (item == nullptr) return InvalidType(path, "an object");
  // The short form of a message, {"role","content"}, has no type.
  const std::string_view type = StringAt(*item, "type").value_or(item->contains("role") ? "message" : "");
  if (type == "item_reference") return ItemNotFound(StringAt(*item, "id").value_or(""));
  const ItemRule* rule = RuleFor(type);
  if (rule == nullptr) {
    return type.empty() ? MissingParameter(path + ".type")
                        : InvalidValue(path + ".type", type,
                                       "'message', 'reasoning', 'function_call', 'function_call_output', "
                                       "'custom_tool_call', 'custom_tool_call_output', and others");
  }
  if (auto refusal = CheckMembers(*item, *rule, path)) return refusal;
  if (type == "message") return CheckMessage(*item, caller, path);
  if (type == "reasoning") {
    if (auto refusal = CheckReasoning(*item, caller, path)) return refusal;
    return CheckFollower(input, index, *item);
  }
  if (type == "function_call") return CheckCall(*item, "arguments", path);
  if (type == "custom_tool_call") return CheckCall(*item, "input", path);
  if (type == "function_call_output" || type == "custom_tool_call_output") return CheckCall(*item, "output", path);
  if (type == "web_search_call") return CheckWebSearch(*item, path);
  if (type == "additional_tools") {
    const json::array* tools = ArrayAt(*item, "tools");
    return tools == nullptr ? MissingParameter(path + ".tools") : ValidateTools(*tools, path + ".tools");
  }
  if (type == "compaction" || type == "compaction_summary" || type == "context_compaction") {
    const auto encrypted = StringAt(*item, "encrypted_content");
    if (encrypted && !IsEncryptedFor(*encrypted, caller.account_id)) return InvalidEncryptedContent(*encrypted);
  }
  return std::nullopt;
}

// Every output has its call before it, every call its output behind it.
std::optional<Reply> CheckPairing(const json::array& input) {
  std::set<std::string_view> called, answered;
  const auto refuse = [](std::string_view what, std::string_view call_id) {
    return InvalidRequest("No tool " + std::string(what) + " " + std::string(call_id) + ".", "input", "");
  };
  for (const json::value& value : input) {
    const json::object& item = value.get_object();
    const std::string_view type = StringAt(item, "type").value_or("");
    const auto call_id = StringAt(item, "call_id");
    if (!call_id) continue;
    if (type == "function_call" || type == "custom_tool_call" || type == "local_shell_call") {
      if (!called.insert(*call_id).second) {
        return InvalidRequest("Duplicate call_id '" + std::string(*call_id) + "' in input.", "input", "invalid_value");
      }
    } else if (type == "function_call_output" || type == "custom_tool_call_output") {
      const bool custom = type[0] == 'c';
      if (called.count(*call_id) == 0) {
        return refuse(custom ? "call found for custom tool call output with call_id"
                             : "call found for function call output with call_id",
                      *call_id);
      }
      answered.insert(*call_id);
    }
  }
  for (const json::value& value : input) {
    const json::object& item = value.get_object();
    const auto call_id = StringAt(item, "call_id");
    if (!call_id || called.count(*call_id) == 0 || answered.count(*call_id) != 0) continue;
    const bool custom = StringAt(item, "type") == "custom_tool_call";
    return refuse(custom ? "output found for custom tool call" : "output found for function call", *call_id);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> ValidateInput(const json::array& input, const Caller& caller) {
  if (input.empty()) return MissingParameter("input");
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (auto refusal = CheckItem(input, i, caller)) return refusal;
  }
  return CheckPairing(input);
}

}  // namespace patchbay::sim
