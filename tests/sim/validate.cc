#include "tests/sim/validate.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "lib/base/encoding.h"
#include "lib/base/text.h"
#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"

namespace patchbay::sim {
namespace {

constexpr std::string_view kEncryptedPrefix = "gAAAA";
constexpr std::size_t kCacheKeyCharsMax = 64;

using Names = std::vector<std::string_view>;

bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// 'a', 'b', and 'c'
std::string Listed(const Names& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? (names.size() > 2 ? ", and " : " and ") : ", ";
    text += "'" + std::string(names[i]) + "'";
  }
  return text;
}

// The member, when present, must be a string out of `allowed`.
std::optional<Reply> CheckEnum(const json::object& object, std::string_view key, const Names& allowed,
                               std::string_view path) {
  if (IsAbsent(object, key)) return std::nullopt;
  const auto value = StringAt(object, key);
  if (!value) return InvalidType(path, "a string");
  if (!Contains(allowed, *value)) return InvalidValue(path, *value, Listed(allowed));
  return std::nullopt;
}

// Everything beyond what the Codex client sends is refused by name (codex-wire §3.1), also what only the WebSocket
// transport knows (previous_response_id, generate).
std::optional<Reply> CheckTopLevelNames(const json::object& request) {
  static const Names kKnown = {
      "model",          "instructions", "input",          "tools",   "tool_choice",  "parallel_tool_calls", "reasoning",
      "store",          "stream",       "stream_options", "include", "service_tier", "prompt_cache_key",    "text",
      "client_metadata"};
  for (const auto& member : request) {
    if (!Contains(kKnown, member.key())) return DetailReply(400, "Unsupported parameter: " + std::string(member.key()));
  }
  return std::nullopt;
}

std::optional<Reply> CheckReasoning(const json::object& request, Names efforts) {
  if (IsAbsent(request, "reasoning")) return std::nullopt;
  const json::object* reasoning = ObjectAt(request, "reasoning");
  if (reasoning == nullptr) return InvalidType("reasoning", "an object");
  if (auto refusal = RefuseUnknownKeys(*reasoning, {"effort", "summary", "context"}, "reasoning")) return refusal;
  // What only a client knows is no effort on the wire (codex-wire §3.1).
  std::erase(efforts, "ultra");
  if (auto refusal = CheckEnum(*reasoning, "effort", efforts, "reasoning.effort")) return refusal;
  if (auto refusal = CheckEnum(*reasoning, "summary", {"auto", "concise", "detailed"}, "reasoning.summary"))
    return refusal;
  return CheckEnum(*reasoning, "context", {"auto", "current_turn", "all_turns"}, "reasoning.context");
}

std::optional<Reply> CheckFormat(const json::object& format) {
  static const Names kTypes = {"text", "json_schema", "json_object"};
  const auto type = StringAt(format, "type");
  if (!type) return MissingParameter("text.format.type");
  if (!Contains(kTypes, *type)) return InvalidValue("text.format.type", *type, Listed(kTypes));
  if (*type != "json_schema") return RefuseUnknownKeys(format, {"type"}, "text.format");
  if (auto refusal = RefuseUnknownKeys(format, {"type", "name", "schema", "strict", "description"}, "text.format"))
    return refusal;
  const auto name = StringAt(format, "name");
  if (!name || name->empty()) return MissingParameter("text.format.name");
  const json::object* schema = ObjectAt(format, "schema");
  if (schema == nullptr) return MissingParameter("text.format.schema");
  const std::string subject = "response_format '" + std::string(*name) + "'";
  const json::value& whole = *format.if_contains("schema");
  if (StringAt(*schema, "type") != "object") {
    return InvalidRequest("Invalid schema for " + subject + ": schema must be a JSON Schema of 'type: \"object\"'.",
                          "text.format.schema", "invalid_json_schema");
  }
  if (auto refusal = ValidateSchema(whole, subject, "text.format.schema", "invalid_json_schema")) return refusal;
  if (!TrueAt(format, "strict")) return std::nullopt;
  return ValidateStrictSchema(whole, subject, "text.format.schema", "invalid_json_schema");
}

// Instructions do not count: what answers looks at the messages alone.
std::optional<Reply> CheckJsonWord(const json::object& request) {
  const json::object* text = ObjectAt(request, "text");
  const json::object* format = text == nullptr ? nullptr : ObjectAt(*text, "format");
  if (format == nullptr || StringAt(*format, "type") != "json_object") return std::nullopt;
  for (const json::value& item : *ArrayAt(request, "input")) {
    const json::object* message = item.if_object();
    const bool is_message = message != nullptr && StringAt(*message, "type").value_or("message") == "message";
    if (is_message && LowerCase(json::serialize(item)).find("json") != std::string::npos) return std::nullopt;
  }
  return InvalidRequest(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      "input", "");
}

std::optional<Reply> CheckText(const json::object& request) {
  if (IsAbsent(request, "text")) return std::nullopt;
  const json::object* text = ObjectAt(request, "text");
  if (text == nullptr) return InvalidType("text", "an object");
  if (auto refusal = RefuseUnknownKeys(*text, {"verbosity", "format"}, "text")) return refusal;
  if (auto refusal = CheckEnum(*text, "verbosity", {"low", "medium", "high"}, "text.verbosity")) return refusal;
  if (IsAbsent(*text, "format")) return std::nullopt;
  const json::object* format = ObjectAt(*text, "format");
  if (format == nullptr) return InvalidType("text.format", "an object");
  return CheckFormat(*format);
}

std::optional<Reply> CheckInclude(const json::object& request) {
  static const Names kIncludable = {"reasoning.encrypted_content",   "web_search_call.action.sources",
                                    "web_search_call.results",       "message.output_text.logprobs",
                                    "code_interpreter_call.outputs", "file_search_call.results",
                                    "message.input_image.image_url", "computer_call_output.output.image_url"};
  if (IsAbsent(request, "include")) return std::nullopt;
  const json::array* include = ArrayAt(request, "include");
  if (include == nullptr) return InvalidType("include", "an array of strings");
  for (std::size_t i = 0; i < include->size(); ++i) {
    const json::string* name = (*include)[i].if_string();
    if (name == nullptr) return InvalidType(PathOf("include", i), "a string");
    if (!Contains(kIncludable, *name)) return InvalidValue(PathOf("include", i), *name, Listed(kIncludable));
  }
  return std::nullopt;
}

std::optional<Reply> CheckSmallMembers(const json::object& request) {
  if (!IsAbsent(request, "stream_options")) {
    const json::object* options = ObjectAt(request, "stream_options");
    if (options == nullptr) return InvalidType("stream_options", "an object");
    if (auto refusal =
            RefuseUnknownKeys(*options, {"reasoning_summary_delivery", "include_obfuscation"}, "stream_options")) {
      return refusal;
    }
  }
  if (!IsAbsent(request, "parallel_tool_calls") && !request.at("parallel_tool_calls").is_bool()) {
    return InvalidType("parallel_tool_calls", "a boolean");
  }
  if (auto refusal =
          CheckEnum(request, "service_tier", {"auto", "default", "priority", "flex", "ultrafast"}, "service_tier")) {
    return refusal;
  }
  if (!IsAbsent(request, "prompt_cache_key")) {
    const auto key = StringAt(request, "prompt_cache_key");
    if (!key) return InvalidType("prompt_cache_key", "a string");
    if (key->size() > kCacheKeyCharsMax) {
      return InvalidRequest(
          "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64, but "
          "got a string with length " +
              std::to_string(key->size()) + " instead.",
          "prompt_cache_key", "string_above_max_length");
    }
  }
  if (!IsAbsent(request, "client_metadata")) {
    const json::object* metadata = ObjectAt(request, "client_metadata");
    if (metadata == nullptr) return InvalidType("client_metadata", "an object");
    for (const auto& [key, value] : *metadata) {
      if (!value.is_string()) return InvalidType("client_metadata." + std::string(key), "a string");
    }
  }
  return std::nullopt;
}

std::optional<Reply> CheckModel(const json::object& request, std::string_view plan) {
  const auto model = StringAt(request, "model");
  if (!model) return MissingParameter("model");
  if (Contains(KnownModels(), *model) && PlanHas(plan, *model)) return std::nullopt;
  return DetailReply(
      400, "The '" + std::string(*model) + "' model is not supported when using Codex with a ChatGPT account.");
}

bool IsOf(const json::value& value, std::string_view member, std::string_view text) {
  const json::object* item = value.if_object();
  return item != nullptr && StringAt(*item, member) == text;
}

// They stand at the top level, or, from the client's own hand, in a message of the developer (real-clients §2.1). The
// lite form has neither them nor tools there, and nobody has its first item without saying that it is lite.
std::optional<Reply> CheckInstructions(const json::object& request, const json::array& input, bool lite) {
  const bool additional = !input.empty() && IsOf(input[0], "type", "additional_tools");
  if (additional && !lite) return InvalidValue("input[0].type", "additional_tools", "the items of the classic form");
  if (lite && !IsAbsent(request, "tools")) return DetailReply(400, "Unsupported parameter: tools");
  if (lite && !IsAbsent(request, "instructions")) return DetailReply(400, "Unsupported parameter: instructions");
  const bool inside =
      std::any_of(input.begin(), input.end(), [](const json::value& item) { return IsOf(item, "role", "developer"); });
  if (IsAbsent(request, "instructions") && (lite || inside)) return std::nullopt;
  const auto instructions = StringAt(request, "instructions");
  if (!instructions || instructions->empty()) return DetailReply(400, "Instructions are required");
  return std::nullopt;
}

}  // namespace

std::string PathOf(std::string_view list, std::size_t index, std::string_view member) {
  std::string path(list);
  path += '[';
  AppendNumber(path, index);
  path += ']';
  if (!member.empty()) {
    path += '.';
    path += member;
  }
  return path;
}

std::optional<Reply> RefuseUnknownKeys(const json::object& object, const Names& allowed, std::string_view path) {
  for (const auto& member : object) {
    if (!Contains(allowed, member.key())) return UnknownParameter(std::string(path) + "." + std::string(member.key()));
  }
  return std::nullopt;
}

const Names& KnownModels() {
  static const Names kModels = {"gpt-6.2-sol",
                                "gpt-6.2-astra",
                                "gpt-6.1-terra",
                                "gpt-6.1-sol",
                                "gpt-6-astra",
                                "gpt-6-sol",
                                "gpt-6-luna",
                                "gpt-5.6-sol",
                                "gpt-5.6-terra",
                                "gpt-5.6-luna",
                                "gpt-daybreak-blue-latest",
                                "gpt-daybreak-red-latest",
                                "codex-auto-review",
                                "gpt-5.5"};
  return kModels;
}

bool PlanHas(std::string_view plan, std::string_view model) {
  return plan != "free" || (!model.ends_with("-sol") && !model.ends_with("-terra") && !model.ends_with("-astra"));
}

Names EffortsOf(std::string_view model) {
  Names efforts = {"low", "medium", "high", "xhigh"};
  if (model != "gpt-5.5") efforts.push_back("max");
  if (model != "gpt-5.5" && model != "codex-auto-review" && !model.ends_with("-luna")) efforts.push_back("ultra");
  return efforts;
}

std::string MakeEncryptedContent(std::string_view account_id, std::string_view nonce) {
  return std::string(kEncryptedPrefix) + Base64UrlEncode(std::string(account_id) + "|" + std::string(nonce));
}

bool IsEncryptedFor(std::string_view content, std::string_view account_id) {
  if (content.substr(0, kEncryptedPrefix.size()) != kEncryptedPrefix) return false;
  const auto decoded = Base64UrlDecode(content.substr(kEncryptedPrefix.size()));
  return decoded.ok() && decoded->size() > account_id.size() &&
         std::string_view(*decoded).substr(0, account_id.size()) == account_id && (*decoded)[account_id.size()] == '|';
}

std::optional<Reply> Validate(const json::value& document, const Caller& caller) {
  const json::object* request = document.if_object();
  if (request == nullptr) return DetailReply(400, "Request body must be a JSON object");
  const json::array* input = ArrayAt(*request, "input");
  if (input == nullptr) return DetailReply(400, "Input must be a list");
  if (auto refusal = CheckInstructions(*request, *input, caller.lite)) return refusal;
  const json::value* store = request->if_contains("store");
  if (store == nullptr || *store != json::value(false)) return DetailReply(400, "Store must be set to false");
  if (!TrueAt(*request, "stream")) return DetailReply(400, "Stream must be set to true");
  if (auto refusal = CheckTopLevelNames(*request)) return refusal;
  if (auto refusal = CheckModel(*request, caller.plan)) return refusal;
  if (auto refusal = CheckSmallMembers(*request)) return refusal;
  return ValidateShared(*request, EffortsOf(StringAt(*request, "model").value_or("")), caller);
}

std::optional<Reply> ValidateShared(const json::object& request, const Names& efforts, const Caller& caller) {
  if (auto refusal = CheckReasoning(request, efforts)) return refusal;
  if (auto refusal = CheckInclude(request)) return refusal;
  if (auto refusal = CheckText(request)) return refusal;
  if (!IsAbsent(request, "tools")) {
    const json::array* tools = ArrayAt(request, "tools");
    if (tools == nullptr) return InvalidType("tools", "an array");
    if (auto refusal = ValidateTools(*tools, "tools")) return refusal;
  }
  if (auto refusal = ValidateToolChoice(request)) return refusal;
  if (auto refusal = ValidateInput(*ArrayAt(request, "input"), caller)) return refusal;
  return CheckJsonWord(request);
}

}  // namespace patchbay::sim
