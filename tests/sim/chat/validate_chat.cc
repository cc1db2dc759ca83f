#include "tests/sim/chat/validate_chat.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string>

#include "tests/sim/json_text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

using WordList = std::vector<std::string_view>;

constexpr std::size_t kStopsMax = 4;
constexpr std::size_t kMetadataMax = 16;

bool Has(const WordList& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Quoted(const WordList& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "'" : ", '") + std::string(name) + "'";
  return text;
}

std::optional<Reply> CheckWord(const json::object& request, std::string_view key, const WordList& allowed) {
  if (IsAbsent(request, key)) return std::nullopt;
  const auto value = StringAt(request, key);
  if (!value) return InvalidType(key, "a string");
  return Has(allowed, *value) ? std::nullopt : std::optional(InvalidValue(key, *value, Quoted(allowed)));
}

// The member, when present, must be a number in [least, most].
std::optional<Reply> CheckNumber(const json::object& request, std::string_view key, double least, double most,
                                 bool whole = false) {
  if (IsAbsent(request, key)) return std::nullopt;
  const json::value& value = request.at(key);
  if (!value.is_number() || (whole && value.is_double()))
    return InvalidType(key, whole ? "an integer" : "a decimal number");
  const double number = value.to_number<double>();
  if (number >= least && number <= most) return std::nullopt;
  const bool below = number < least;
  return InvalidRequest("Invalid '" + std::string(key) + "': " + (whole ? "integer" : "decimal") + " " +
                            (below ? "below minimum" : "above maximum") + " value.",
                        key,
                        below ? (whole ? "integer_below_min_value" : "decimal_below_min_value")
                              : (whole ? "integer_above_max_value" : "decimal_above_max_value"));
}

std::optional<Reply> CheckNames(const json::object& request) {
  static const WordList kKnown = {"model",
                                  "messages",
                                  "stream",
                                  "stream_options",
                                  "max_completion_tokens",
                                  "max_tokens",
                                  "temperature",
                                  "top_p",
                                  "presence_penalty",
                                  "frequency_penalty",
                                  "seed",
                                  "logit_bias",
                                  "stop",
                                  "n",
                                  "logprobs",
                                  "top_logprobs",
                                  "tools",
                                  "tool_choice",
                                  "functions",
                                  "function_call",
                                  "user",
                                  "response_format",
                                  "reasoning_effort",
                                  "verbosity",
                                  "parallel_tool_calls",
                                  "service_tier",
                                  "prompt_cache_key",
                                  "modalities",
                                  "audio",
                                  "web_search_options",
                                  "prediction",
                                  "safety_identifier",
                                  "metadata",
                                  "store",
                                  "prompt_cache_retention",
                                  "prompt_cache_options"};
  // Each of some family's, none of OpenAI's.
  static const WordList kForeign = {
      "thinking",           "enable_thinking", "thinking_budget",      "reasoning",        "top_k",          "min_p",
      "repetition_penalty", "random_seed",     "chat_template_kwargs", "reasoning_format", "reasoning_split"};
  const ApiModel* model = FindApiModel(StringAt(request, "model").value_or(""));
  const bool own = model != nullptr && model->developer;
  for (const auto& member : request) {
    if (Has(kKnown, member.key()) || (!own && Has(kForeign, member.key()))) continue;
    return InvalidRequest("Unrecognized request argument supplied: " + std::string(member.key()), "", "");
  }
  return std::nullopt;
}

// What a family does not have at all.
std::optional<Reply> CheckFamily(const json::object& request, const ApiModel& model) {
  const auto refuse = [&](const WordList& names) -> std::optional<Reply> {
    for (const std::string_view name : names) {
      if (!IsAbsent(request, name)) return UnsupportedParameter(name);
    }
    return std::nullopt;
  };
  if (!model.old_cap && !IsAbsent(request, "max_tokens"))
    return UnsupportedParameter("max_tokens", " Use 'max_completion_tokens' instead.");
  if (!model.new_cap && !IsAbsent(request, "max_completion_tokens"))
    return UnsupportedParameter("max_completion_tokens");
  if (!model.extras) {
    if (auto refusal = refuse({"store", "metadata", "service_tier", "prompt_cache_key", "verbosity", "user",
                               "safety_identifier", "prediction", "web_search_options"}))
      return refusal;
  }
  if (!model.probabilities) {
    if (auto refusal = refuse({"logprobs", "top_logprobs", "logit_bias"})) return refusal;
  }
  if (!model.penalties) {
    if (auto refusal = refuse({"presence_penalty", "frequency_penalty", "stop"})) return refusal;
  }
  if (!model.stream_options && !IsAbsent(request, "stream_options")) return UnsupportedParameter("stream_options");
  if (model.efforts.empty() && !IsAbsent(request, "reasoning_effort"))
    return InvalidRequest("Unrecognized request argument supplied: reasoning_effort", "", "");
  if (model.sampling) return std::nullopt;
  for (const std::string_view name : {"temperature", "top_p"}) {
    if (!IsAbsent(request, name) && (!request.at(name).is_number() || request.at(name).to_number<double>() != 1))
      return UnsupportedValue(name, json::serialize(request.at(name)));
  }
  return std::nullopt;
}

std::optional<Reply> CheckStream(const json::object& request) {
  if (!IsAbsent(request, "stream") && !request.at("stream").is_bool()) return InvalidType("stream", "a boolean");
  if (IsAbsent(request, "stream_options")) return std::nullopt;
  if (!TrueAt(request, "stream"))
    return InvalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options",
                          "");
  const json::object* options = ObjectAt(request, "stream_options");
  if (options == nullptr) return InvalidType("stream_options", "an object");
  return RefuseUnknownKeys(*options, {"include_usage", "include_obfuscation"}, "stream_options");
}

std::optional<Reply> CheckSampling(const json::object& request) {
  struct Range {
    std::string_view key;
    double least, most;
    bool whole;
  };
  static constexpr Range kRanges[] = {{"temperature", 0, 2, false},
                                      {"top_p", 0, 1, false},
                                      {"presence_penalty", -2, 2, false},
                                      {"frequency_penalty", -2, 2, false},
                                      {"seed", -9e18, 9e18, true},
                                      {"max_tokens", 1, 1e6, true},
                                      {"max_completion_tokens", 1, 1e6, true},
                                      {"n", 1, 128, true},
                                      {"top_logprobs", 0, 20, true}};
  for (const Range& range : kRanges) {
    if (auto refusal = CheckNumber(request, range.key, range.least, range.most, range.whole)) return refusal;
  }
  if (!IsAbsent(request, "top_logprobs") && !TrueAt(request, "logprobs"))
    return InvalidRequest("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs",
                          "");
  const json::array* stops = ArrayAt(request, "stop");
  if (!IsAbsent(request, "stop") && stops == nullptr && !StringAt(request, "stop"))
    return InvalidType("stop", "a string or an array of strings");
  if (stops != nullptr && (stops->empty() || stops->size() > kStopsMax))
    return InvalidRequest("Invalid 'stop': array too long. Expected an array with maximum length 4.", "stop",
                          "array_above_max_length");
  return std::nullopt;
}

std::optional<Reply> CheckPeople(const json::object& request) {
  constexpr std::size_t kMost = 64;
  for (const std::string_view name : {"user", "safety_identifier"}) {
    if (IsAbsent(request, name)) continue;
    const auto text = StringAt(request, name);
    if (!text) return InvalidType(name, "a string");
    if (text->size() > kMost)
      return InvalidRequest("Invalid '" + std::string(name) +
                                "': string too long. Expected a string with maximum length 64, but got a string with "
                                "length " +
                                std::to_string(text->size()) + " instead.",
                            name, "string_above_max_length");
  }
  return std::nullopt;
}

std::optional<Reply> CheckResponseFormat(const json::object& request) {
  if (IsAbsent(request, "response_format")) return std::nullopt;
  const json::object* format = ObjectAt(request, "response_format");
  if (format == nullptr) return InvalidType("response_format", "an object");
  const auto type = StringAt(*format, "type").value_or("");
  if (type == "text") return std::nullopt;
  if (type == "json_object") {
    // The real ones insist that somebody says so to the model.
    if (json::serialize(request.at("messages")).find("JSON") != std::string::npos ||
        json::serialize(request.at("messages")).find("json") != std::string::npos)
      return std::nullopt;
    return InvalidRequest(
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "messages", "");
  }
  if (type != "json_schema")
    return InvalidValue("response_format.type", type, "'json_object', 'json_schema', and 'text'");
  const json::object* inner = ObjectAt(*format, "json_schema");
  if (inner == nullptr) return MissingParameter("response_format.json_schema");
  if (auto refusal =
          RefuseUnknownKeys(*inner, {"name", "description", "schema", "strict"}, "response_format.json_schema"))
    return refusal;
  const auto name = StringAt(*inner, "name");
  if (!name || name->empty()) return MissingParameter("response_format.json_schema.name");
  if (ObjectAt(*inner, "schema") == nullptr) return MissingParameter("response_format.json_schema.schema");
  if (!TrueAt(*inner, "strict")) return std::nullopt;
  return ValidateStrictSchema(inner->at("schema"), "response_format '" + std::string(*name) + "'", "response_format",
                              "");
}

std::optional<Reply> CheckRest(const json::object& request, const ApiModel& model) {
  if (auto refusal = CheckWord(request, "reasoning_effort", model.efforts)) return refusal;
  if (auto refusal = CheckWord(request, "verbosity", {"low", "medium", "high"})) return refusal;
  if (auto refusal = CheckWord(request, "service_tier", {"auto", "default", "flex", "priority", "scale"}))
    return refusal;
  if (IsAbsent(request, "metadata")) return std::nullopt;
  const json::object* metadata = ObjectAt(request, "metadata");
  if (metadata == nullptr) return InvalidType("metadata", "an object");
  if (metadata->size() > kMetadataMax)
    return InvalidRequest("Invalid 'metadata': too many properties.", "metadata", "object_above_max_properties");
  return std::nullopt;
}

}  // namespace

Reply UnsupportedParameter(std::string_view param, std::string_view hint) {
  return InvalidRequest(
      "Unsupported parameter: '" + std::string(param) + "' is not supported with this model." + std::string(hint),
      param, "unsupported_parameter");
}

Reply UnsupportedValue(std::string_view param, std::string_view value) {
  return InvalidRequest("Unsupported value: '" + std::string(param) + "' does not support " + std::string(value) +
                            " with this model. Only the default (1) value is supported.",
                        param, "unsupported_value");
}

Reply ModelNotFound(std::string_view model) {
  return ApiErrorReply(404, "The model `" + std::string(model) + "` does not exist or you do not have access to it.",
                       "invalid_request_error", "", "model_not_found");
}

std::optional<Reply> ValidateChat(const json::value& document) {
  const json::object* request = document.if_object();
  if (request == nullptr) return InvalidRequest("We could not parse the JSON body of your request.", "", "");
  if (auto refusal = CheckNames(*request)) return refusal;
  const auto name = StringAt(*request, "model");
  if (!name) return InvalidRequest("you must provide a model parameter", "", "");
  const ApiModel* model = FindApiModel(*name);
  if (model == nullptr) return ModelNotFound(*name);
  if (auto refusal = ValidateMessages(*request, *model)) return refusal;
  if (auto refusal = CheckFamily(*request, *model)) return refusal;
  if (auto refusal = CheckStream(*request)) return refusal;
  if (auto refusal = CheckSampling(*request)) return refusal;
  if (auto refusal = CheckPeople(*request)) return refusal;
  if (auto refusal = CheckResponseFormat(*request)) return refusal;
  if (auto refusal = CheckRest(*request, *model)) return refusal;
  return ValidateChatTools(*request, *model);
}

}  // namespace patchbay::sim
