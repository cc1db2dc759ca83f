#include "workers/frontend/dialects/gemini/generation_config.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <optional>

#include "lib/base/text.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/gemini/fields.h"
#include "workers/frontend/dialects/gemini/schema.h"

namespace patchbay::frontend::gemini {
namespace {

using inference::v1::OutputFormat;

constexpr StopRules kStops{.count_max = 5, .bytes_max = 1024};  // Gemini's own count

// The members that only mean something together.
struct Config {
  DecodedRequest& out;
  std::string mime_type;
  std::optional<boost::json::value> schema;

  void Ignore(const JsonNode& node) { out.Ignore(node); }
};

template <const Knob& kKnob>
Result<void> ReadKnob(const JsonNode& node, Config& config) {
  RETURN_IF_ERROR(frontend::ReadKnob(node, kKnob, config.out.request));
  config.out.WishFor(kKnob.canonical, node);
  return {};
}

Result<void> ReadSeed(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const std::int64_t seed, node.Int());
  config.out.request.mutable_sampling()->set_seed(seed);
  config.out.WishFor("seed", node);
  return {};
}

Result<void> ReadMaxOutputTokens(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected a positive number of tokens");
  config.out.request.mutable_sampling()->set_max_output_tokens(count);
  config.out.WishFor("max_output_tokens", node);
  return {};
}

Result<void> ReadStopSequences(const JsonNode& node, Config& config) {
  return ReadStops(node, kStops, config.out.request);
}

Result<void> ReadCandidateCount(const JsonNode& node, Config& config) {
  RETURN_IF_ERROR(ReadChoices(node, config.out.request));
  config.out.WishFor("n", node);
  return {};
}

// Whether to tell the tokens' probabilities, and of how many others: two members, in any order.
Result<void> ReadResponseLogprobs(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const bool wanted, node.Bool());
  if (!wanted) return {};
  auto& sampling = *config.out.request.mutable_sampling();
  sampling.set_logprobs(sampling.logprobs());
  config.out.WishFor("logprobs", node);
  return {};
}

Result<void> ReadLogprobs(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 0 || count > 20) return node.Wrong("expected 0 to 20");
  config.out.request.mutable_sampling()->set_logprobs(static_cast<std::int32_t>(count));
  config.out.WishFor("logprobs", node);
  return {};
}

Result<void> ReadTopK(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const double count, node.Number());  // Google's clients write 64.0
  if (count < 1 || count > 1'000'000) return node.Wrong("expected a positive number of tokens");
  config.out.request.mutable_sampling()->set_top_k(static_cast<std::int64_t>(count));
  config.out.WishFor("top_k", node);
  return {};
}

Result<void> ReadMimeType(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const std::string_view type, node.OneOf({"text/plain", "application/json", "text/x.enum"}));
  config.mime_type = type;
  return {};
}

Result<void> ReadSchema(const JsonNode& node, Config& config) {
  RETURN_IF_ERROR(node.MustBeObject());
  config.schema = node.value();
  // Gemini's own models are held to it.
  config.out.WishFor("output_format.strict", node);
  return {};
}

// It may ask for a schema, which an answer must not miss in silence.
Result<void> RefuseResponseFormat(const JsonNode& node, Config&) {
  return node.Unsupported("this is not supported; use responseMimeType and responseJsonSchema");
}

Result<void> ReadModalities(const JsonNode& node, Config& config) {
  RETURN_IF_ERROR(node.MustBeArray());
  for (std::size_t i = 0; i < node.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view modality, node.At(i).OneOf({"TEXT", "IMAGE", "AUDIO", "text", "image"}));
    if (modality == "AUDIO") return node.At(i).Unsupported("audio cannot be answered");
    if (modality == "IMAGE" || modality == "image") {
      config.out.request.add_tools()->mutable_image_generation();
    }
  }
  return {};
}

Result<void> ReadIncludeThoughts(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const bool wanted, node.Bool());
  if (wanted) config.out.request.mutable_reasoning()->set_summary("auto");
  return {};
}

Result<void> ReadThinkingBudget(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const std::int64_t budget, node.Int());
  if (budget < -1) return node.Wrong("expected -1, 0 or a number of tokens");
  if (budget == -1) return {};  // as the model likes
  if (budget == 0) {
    config.out.request.mutable_reasoning()->set_effort("none");
  } else {
    config.out.request.mutable_reasoning()->set_budget_tokens(budget);
  }
  return {};
}

Result<void> ReadThinkingLevel(const JsonNode& node, Config& config) {
  ASSIGN_OR_RETURN(const std::string_view level, node.String());
  const std::string effort = LowerCase(level);
  if (effort == "thinking_level_unspecified") return {};
  if (effort != "minimal" && effort != "low" && effort != "medium" && effort != "high") {
    return node.Wrong("expected one of 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'");
  }
  config.out.request.mutable_reasoning()->set_effort(effort);
  return {};
}

constexpr std::array kThinkingFields = {
    Field<Config>{"includeThoughts", ReadIncludeThoughts},
    Field<Config>{"thinkingBudget", ReadThinkingBudget},
    Field<Config>{"thinkingLevel", ReadThinkingLevel},
};

Result<void> ReadThinkingConfig(const JsonNode& node, Config& config) {
  return ReadFields(node, kThinkingFields, config);
}

constexpr std::array kGenerationFields = {
    Field<Config>{"audioTimestamp", IgnoreField},
    Field<Config>{"audioTranscriptionConfig", IgnoreField},
    Field<Config>{"candidateCount", ReadCandidateCount},
    Field<Config>{"enableAffectiveDialog", IgnoreField},
    Field<Config>{"enableEnhancedCivicAnswers", IgnoreField},
    Field<Config>{"frequencyPenalty", ReadKnob<kFrequencyPenalty>},
    Field<Config>{"imageConfig", IgnoreField},
    Field<Config>{"logprobs", ReadLogprobs},
    Field<Config>{"maxOutputTokens", ReadMaxOutputTokens},
    Field<Config>{"mediaResolution", IgnoreField},
    Field<Config>{"modelSelectionConfig", IgnoreField},
    Field<Config>{"presencePenalty", ReadKnob<kPresencePenalty>},
    Field<Config>{"responseFormat", RefuseResponseFormat},
    Field<Config>{"responseJsonSchema", ReadSchema},
    Field<Config>{"responseLogprobs", ReadResponseLogprobs},
    Field<Config>{"responseMimeType", ReadMimeType},
    Field<Config>{"responseModalities", ReadModalities},
    Field<Config>{"responseSchema", ReadSchema},
    Field<Config>{"routingConfig", IgnoreField},
    Field<Config>{"seed", ReadSeed},
    Field<Config>{"speechConfig", IgnoreField},
    Field<Config>{"stopSequences", ReadStopSequences},
    Field<Config>{"temperature", ReadKnob<kTemperature>},
    Field<Config>{"thinkingConfig", ReadThinkingConfig},
    Field<Config>{"topK", ReadTopK},
    Field<Config>{"topP", ReadKnob<kTopP>},
    Field<Config>{"translationConfig", IgnoreField},
};

Result<void> SetFormat(const JsonNode& node, Config& config) {
  if (config.mime_type.empty() && !config.schema) return {};
  auto& format = *config.out.request.mutable_output_format();
  if (config.mime_type == "text/plain") {
    format.set_kind(OutputFormat::KIND_TEXT);
    if (config.schema) return node.Wrong("a schema needs responseMimeType 'application/json'");
    return {};
  }
  if (!config.schema) {
    if (config.mime_type == "text/x.enum") return node.Wrong("'text/x.enum' needs a responseSchema");
    format.set_kind(OutputFormat::KIND_JSON_OBJECT);
    return {};
  }
  boost::json::value& schema = *config.schema;
  ConvertSchema(schema);
  config.out.enum_answer = config.mime_type == "text/x.enum";
  format.set_kind(OutputFormat::KIND_JSON_SCHEMA);
  format.set_name("response");
  format.set_schema_json(wire::JsonText(schema));
  format.set_strict(true);
  return {};
}

}  // namespace

Result<void> DecodeGenerationConfig(const JsonNode& node, DecodedRequest& out) {
  Config config{.out = out, .mime_type = {}, .schema = {}};
  RETURN_IF_ERROR(ReadFields(node, kGenerationFields, config));
  return SetFormat(node, config);
}

void AppendConfigFields(std::vector<std::string>& names) {
  for (const auto& field : kGenerationFields) names.push_back("generationConfig." + std::string(field.name));
  for (const auto& field : kThinkingFields) {
    names.push_back("generationConfig.thinkingConfig." + std::string(field.name));
  }
}

}  // namespace patchbay::frontend::gemini
