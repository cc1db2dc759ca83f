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

constexpr std::size_t kApiCacheKeyMax = 64;
constexpr std::int64_t kOutputTokensMin = 16;

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
                                                       "moderation"};
  for (const auto& member : request) {
    if (std::find(kKnown.begin(), kKnown.end(), member.key()) == kKnown.end()) return UnknownParameter(member.key());
  }
  return std::nullopt;
}

std::optional<Reply> CheckPublicNumbers(const json::object& request, const ApiModel& model) {
  for (const std::string_view name : {"temperature", "top_p"}) {
    if (IsAbsent(request, name)) continue;
    const json::value& value = request.at(name);
    if (!value.is_number()) return InvalidType(name, "a decimal number");
    if (!model.sampling) return UnsupportedParameter(name);
    if (value.to_number<double>() < 0 || value.to_number<double>() > (name == "top_p" ? 1 : 2))
      return InvalidRequest("Invalid '" + std::string(name) + "': decimal out of range.", name,
                            "decimal_above_max_value");
  }
  if (!model.sampling && !IsAbsent(request, "top_logprobs")) return UnsupportedParameter("top_logprobs");
  if (IsAbsent(request, "max_output_tokens")) return std::nullopt;
  const json::value& cap = request.at("max_output_tokens");
  if (!cap.is_int64()) return InvalidType("max_output_tokens", "an integer");
  if (cap.get_int64() >= kOutputTokensMin) return std::nullopt;
  return InvalidRequest("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got " +
                            json::serialize(cap) + " instead.",
                        "max_output_tokens", "integer_below_min_value");
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
  if (StringAt(request, "prompt_cache_key").value_or("").size() > kApiCacheKeyMax)
    return InvalidRequest("Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64.",
                          "prompt_cache_key", "string_above_max_length");
  if (!IsAbsent(request, "metadata") && ObjectAt(request, "metadata") == nullptr)
    return InvalidType("metadata", "an object");
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
  if (auto refusal = CheckPublicNumbers(request, *caller.model)) return refusal;
  if (auto refusal = CheckPublicWords(request)) return refusal;
  const json::object* reasoning = ObjectAt(request, "reasoning");
  if (reasoning != nullptr && caller.model->efforts.empty() && !IsAbsent(*reasoning, "effort"))
    return UnsupportedParameter("reasoning.effort");
  return ValidateShared(request, caller.model->efforts, caller);
}

}  // namespace patchbay::sim
