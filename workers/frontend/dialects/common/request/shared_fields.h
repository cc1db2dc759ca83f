// Members that several dialects have, and read alike.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend {

// The name of a model, which is not empty.
Result<std::string> ReadModelName(const JsonNode& node);

// A number from `min` to `max`.
Result<double> ReadNumber(const JsonNode& node, int min, int max);

// A numeric knob of sampling by its canonical name, and the range that the protocols agree on.
struct Knob {
  std::string_view canonical;
  void (inference::v1::Sampling::*set)(double);
  int min, max;
};
inline constexpr Knob kTemperature{"temperature", &inference::v1::Sampling::set_temperature, 0, 2};
inline constexpr Knob kTopP{"top_p", &inference::v1::Sampling::set_top_p, 0, 1};
inline constexpr Knob kPresencePenalty{"presence_penalty", &inference::v1::Sampling::set_presence_penalty, -2, 2};
inline constexpr Knob kFrequencyPenalty{"frequency_penalty", &inference::v1::Sampling::set_frequency_penalty, -2, 2};
inline constexpr Knob kMinP{"min_p", &inference::v1::Sampling::set_min_p, 0, 1};
inline constexpr Knob kRepetitionPenalty{"repetition_penalty", &inference::v1::Sampling::set_repetition_penalty, 0, 10};

Result<void> ReadKnob(const JsonNode& node, const Knob& knob, inference::v1::GenerateRequest& request);

// A number for each token's id, as OpenAI writes them.
Result<void> ReadLogitBias(const JsonNode& node, inference::v1::GenerateRequest& request);

// How many answers to one request: at least one.
Result<void> ReadChoices(const JsonNode& node, inference::v1::GenerateRequest& request);

// The client's own labels: strings; of anything else its JSON.
Result<void> ReadLabels(const JsonNode& node, inference::v1::GenerateRequest& request);

// A member that only one dialect has: for a provider of that dialect, verbatim.
void KeepOpaque(const JsonNode& node, std::string_view dialect, std::string_view field,
                inference::v1::GenerateRequest& request);

// {"type":"ephemeral","ttl":"1h"}: up to here the prompt is worth keeping.
Result<void> ReadCacheControl(const JsonNode& node, inference::v1::CacheBreakpoint& breakpoint);

// What a protocol takes as stop sequences.
struct StopRules {
  std::size_t count_max;
  std::size_t bytes_max;      // of each
  bool one_string = false;    // instead of an array
  bool may_be_empty = false;  // and then stops nothing
};

Result<void> ReadStops(const JsonNode& node, const StopRules& rules, inference::v1::GenerateRequest& request);

// kInvalidArgument for a member of the body that must be there.
Error MissingField(std::string_view field, std::string message);

}  // namespace patchbay::frontend
