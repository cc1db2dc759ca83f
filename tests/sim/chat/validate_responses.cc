// What the public Responses API refuses (client-protocols C.2) beyond what it shares with the backend: it takes
// sampling, system messages and stored answers where the backend does not.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "tests/sim/chat/models.h"
#include "tests/sim/chat/validate_chat.h"
#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kMetadataPairsMax = 16, kMetadataKeyMax = 64, kMetadataValueMax = 512;

std::optional<Reply> CheckPublicNames(const json::object& request) {
  static const std::vector<std::string_view> kKnown = {"model",
                                                       "input",
                                                       "instructions",
                                                       "tools",
                                                       "tool_choice",
                                                       "parallel_tool_calls",
                                                       "reasoning",
                                                       "text",
                                                       "include",
                                                       "store",
                                                       "stream",
                                                       "stream_options",
                                                       "service_tier",
                                                       "prompt_cache_key",
                                                       "prompt_cache_retention",
                                                       "prompt_cache_options",
                                                       "max_output_tokens",
                                                       "max_tool_calls",
                                                       "temperature",
                                                       "top_p",
                                                       "top_logprobs",
                                                       "metadata",
                                                       "user",
                                                       "safety_identifier",
                                                       "truncation",
                                                       "background",
                                                       "conversation",
                                                       "previous_response_id",
                                                       "prompt",
                                                       "moderation",
                                                       "client_metadata"};  // of the CLI with a key (codex-wire §1)
  for (const auto& member : request) {
    if (std::find(kKnown.begin(), kKnown.end(), member.key()) == kKnown.end()) return UnknownParameter(member.key());
  }
  return std::nullopt;
}

// A number of that kind, and within those bounds.
std::optional<Reply> CheckPublicBounds(const json::object& request, std::string_view name, double least, double most,
                                       bool whole) {
  if (IsAbsent(request, name)) return std::nullopt;
  const json::value& value = request.at(name);
  if (whole ? !value.is_int64() : !value.is_number())
    return InvalidType(name, whole ? "an integer" : "a decimal number");
  const double number = value.to_number<double>();
  if (number >= least && number <= most) return std::nullopt;
  const bool below = number < least;
  return InvalidRequest("Invalid '" + std::string(name) + "': " + (whole ? "integer " : "decimal ") +
                            (below ? "below minimum" : "above maximum") + " value. Expected a value " +
                            (below ? ">= " : "<= ") + std::to_string(static_cast<long long>(below ? least : most)) +
                            ", but got " + json::serialize(value) + " instead.",
                        name,
                        std::string(whole ? "integer_" : "decimal_") + (below ? "below_min_value" : "above_max_value"));
}

std::optional<Reply> CheckPublicNumbers(const json::object& request, const ApiModel& model) {
  struct Bounds {
    std::string_view name;
    double least, most;
    bool whole, sampling;
  };
  static constexpr Bounds kBounds[] = {{"temperature", 0, 2, false, true},
                                       {"top_p", 0, 1, false, true},
                                       {"top_logprobs", 0, 20, true, true},
                                       {"max_output_tokens", 16, 1e9, true, false},
                                       {"max_tool_calls", 1, 1e9, true, false}};
  for (const Bounds& bounds : kBounds) {
    if (auto refusal = CheckPublicBounds(request, bounds.name, bounds.least, bounds.most, bounds.whole)) return refusal;
    if (bounds.sampling && !model.sampling && !IsAbsent(request, bounds.name)) return UnsupportedParameter(bounds.name);
  }
  return std::nullopt;
}

std::optional<Reply> CheckPublicLength(std::string_view text, std::size_t most, const std::string& param) {
  if (text.size() <= most) return std::nullopt;
  return InvalidRequest("Invalid '" + param + "': string too long. Expected a string with maximum length " +
                            std::to_string(most) + ", but got a string with length " + std::to_string(text.size()) +
                            " instead.",
                        param, "string_above_max_length");
}

std::optional<Reply> CheckPublicLabels(const json::object& request, const ApiModel& model) {
  for (const std::string_view name : {"metadata", "client_metadata"}) {
    if (model.labels || request.if_contains(json::string_view(name.data(), name.size())) == nullptr) continue;
    Reply reply;
    reply.status = 400;
    reply.body = R"({"code":"400","error":"Argument not supported: )" + std::string(name) + "\"}";
    return reply;
  }
  if (IsAbsent(request, "metadata")) return std::nullopt;
  const json::object* metadata = ObjectAt(request, "metadata");
  if (metadata == nullptr) return InvalidType("metadata", "an object");
  if (metadata->size() > kMetadataPairsMax)
    return InvalidRequest(
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got "
        "an object with " +
            std::to_string(metadata->size()) + " properties instead.",
        "metadata", "object_above_max_properties");
  for (const auto& [key, value] : *metadata) {
    const std::string param = "metadata." + std::string(key);
    if (!value.is_string()) return InvalidType(param, "a string");
    if (auto refusal = CheckPublicLength(key, kMetadataKeyMax, param)) return refusal;
    if (auto refusal = CheckPublicLength(value.get_string(), kMetadataValueMax, param)) return refusal;
  }
  return std::nullopt;
}

// Names of people and of conversations.
std::optional<Reply> CheckPublicIds(const json::object& request) {
  for (const std::string_view name : {"user", "safety_identifier", "prompt_cache_key"}) {
    if (IsAbsent(request, name)) continue;
    const auto text = StringAt(request, name);
    if (!text) return InvalidType(name, "a string");
    if (auto refusal = CheckPublicLength(*text, kNameMax, std::string(name))) return refusal;
  }
  return std::nullopt;
}

std::optional<Reply> CheckPublicFlags(const json::object& request) {
  for (const std::string_view name : {"parallel_tool_calls", "store", "stream", "background"}) {
    if (!IsAbsent(request, name) && !request.at(name).is_bool()) return InvalidType(name, "a boolean");
  }
  return std::nullopt;
}

// What a model is asked that does not reason, or whose host tells less.
std::optional<Reply> CheckPublicAbilities(const json::object& request, const ApiModel& model) {
  const json::object* reasoning = ObjectAt(request, "reasoning");
  for (const std::string_view name : {"effort", "summary"}) {
    if (reasoning != nullptr && model.efforts.empty() && !IsAbsent(*reasoning, name))
      return UnsupportedParameter("reasoning." + std::string(name));
  }
  if (const json::array* include = ArrayAt(request, "include")) {
    const auto asks = [&](std::string_view what) {
      return std::any_of(include->begin(), include->end(), [&](const json::value& name) {
        return name.is_string() && std::string_view(name.get_string()) == what;
      });
    };
    if (!model.reasons() && asks("reasoning.encrypted_content"))
      return InvalidRequest("Encrypted content is not supported with this model.", "include", "");
    if (!model.search_sources && asks("web_search_call.action.sources"))
      return InvalidValue("include[0]", "web_search_call.action.sources", "'reasoning.encrypted_content'");
  }
  const json::array* tools = ArrayAt(request, "tools");
  const bool custom = tools != nullptr && std::any_of(tools->begin(), tools->end(), [](const json::value& tool) {
                        const json::object* object = tool.if_object();
                        return object != nullptr && StringAt(*object, "type") == "custom";
                      });
  if (custom && !model.custom_tools) return InvalidValue("tools[0].type", "custom", "'function' and 'web_search'");
  return std::nullopt;
}

// The backend's clients send audio in a form of their own (codex-wire §3.2).
std::optional<Reply> CheckPublicAudio(const json::array& input) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    const json::object* item = input[i].if_object();
    const json::array* parts = item == nullptr ? nullptr : ArrayAt(*item, "content");
    for (std::size_t j = 0; parts != nullptr && j < parts->size(); ++j) {
      const json::object* part = (*parts)[j].if_object();
      if (part == nullptr || StringAt(*part, "type") != "input_audio") continue;
      const std::string path = PathOf(PathOf("input", i, "content"), j);
      if (!IsAbsent(*part, "audio_url")) return UnknownParameter(path + ".audio_url");
      const json::object* audio = ObjectAt(*part, "input_audio");
      if (audio == nullptr || !StringAt(*audio, "data")) return MissingParameter(path + ".input_audio.data");
      const auto format = StringAt(*audio, "format").value_or("");
      if (format != "wav" && format != "mp3")
        return InvalidValue(path + ".input_audio.format", format, "'wav' and 'mp3'");
    }
  }
  return std::nullopt;
}

std::optional<Reply> CheckPublicWords(const json::object& request) {
  if (!IsAbsent(request, "stream_options") && !TrueAt(request, "stream"))
    return InvalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options",
                          "");
  if (const json::object* options = ObjectAt(request, "stream_options")) {
    if (auto refusal = RefuseUnknownKeys(*options, {"include_obfuscation"}, "stream_options")) return refusal;
  }
  const auto tier = StringAt(request, "service_tier").value_or("auto");
  if (tier != "auto" && tier != "default" && tier != "flex" && tier != "scale" && tier != "priority")
    return InvalidValue("service_tier", tier, "'auto', 'default', 'flex', 'scale', and 'priority'");
  const auto truncation = StringAt(request, "truncation").value_or("auto");
  if (truncation != "auto" && truncation != "disabled")
    return InvalidValue("truncation", truncation, "'auto' and 'disabled'");
  const auto previous = StringAt(request, "previous_response_id");
  if (!previous) return std::nullopt;
  return InvalidRequest("Previous response with id '" + std::string(*previous) + "' not found.", "previous_response_id",
                        "previous_response_not_found");
}

}  // namespace

std::optional<Reply> ValidateResponses(const json::object& request, const Caller& caller) {
  if (auto refusal = CheckPublicNames(request)) return refusal;
  if (!IsAbsent(request, "input") && ArrayAt(request, "input") == nullptr)
    return InvalidType("input", "one of a string or an array of input items");
  if (IsAbsent(request, "input")) return MissingParameter("input");
  if (auto refusal = CheckPublicFlags(request)) return refusal;
  if (auto refusal = CheckPublicNumbers(request, *caller.model)) return refusal;
  if (auto refusal = CheckPublicWords(request)) return refusal;
  if (auto refusal = CheckPublicIds(request)) return refusal;
  if (auto refusal = CheckPublicLabels(request, *caller.model)) return refusal;
  if (auto refusal = CheckPublicAbilities(request, *caller.model)) return refusal;
  if (auto refusal = CheckPublicAudio(*ArrayAt(request, "input"))) return refusal;
  return ValidateShared(request, caller.model->efforts, caller);
}

}  // namespace patchbay::sim
