#include "workers/frontend/dialects/openai_chat/request_decoder.h"

#include <algorithm>
#include <array>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/openai_chat/request_input.h"
#include "workers/frontend/dialects/openai_chat/request_messages.h"
#include "workers/frontend/dialects/openai_chat/request_tools.h"
#include "workers/frontend/dialects/openai_chat/wire_format.h"

namespace patchbay::frontend::openai_chat {
namespace {

constexpr StopRules kStops{.count_max = 4, .bytes_max = 1024, .one_string = true, .may_be_empty = true};

// One row per member of the body. README.md shows the same rows to people.
using Field = KnownField<DecodedRequest>;

Result<void> Ignore(const JsonNode& node, DecodedRequest& out) {
  NoteIgnored(out.ignored, node.Path());
  return {};
}

// `false` asks for what happens anyway.
Result<void> IgnoreUnlessFalse(const JsonNode& node, DecodedRequest& out) {
  if (node.value().is_bool() && !node.value().get_bool()) return {};
  return Ignore(node, out);
}

Result<void> RefuseAudio(const JsonNode& node, DecodedRequest&) { return node.Unsupported("audio is not supported"); }

Result<void> ReadModel(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(*out.request.mutable_model(), ReadModelName(node));
  return {};
}

Result<void> ReadStream(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(out.stream, node.Bool());
  return {};
}

Result<void> ReadStreamOptions(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.MustBeObject());
  if (const auto usage = node.Find("include_usage")) {
    ASSIGN_OR_RETURN(out.include_usage, usage->Bool());
  }
  if (const auto obfuscation = node.Find("include_obfuscation")) {
    ASSIGN_OR_RETURN(const bool wanted, obfuscation->Bool());
    if (wanted) NoteIgnored(out.ignored, obfuscation->Path());
  }
  NoteOthers(out.ignored, node, {"include_usage", "include_obfuscation"});
  return {};
}

void WishFor(const JsonNode& node, std::string_view canonical, DecodedRequest& out) {
  out.wishes.push_back({canonical, node.Path()});
}

Result<void> ReadChoices(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(frontend::ReadChoices(node, out.request));
  WishFor(node, "n", out);
  return {};
}

Result<void> ReadLogitBias(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(frontend::ReadLogitBias(node, out.request));
  WishFor(node, "logit_bias", out);
  return {};
}

// Whether to tell the tokens' probabilities, and of how many others: two members, in any order.
Result<void> ReadLogprobs(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const bool wanted, node.Bool());
  if (!wanted) return {};
  auto& sampling = *out.request.mutable_sampling();
  sampling.set_logprobs(sampling.logprobs());
  WishFor(node, "logprobs", out);
  return {};
}

Result<void> ReadTopLogprobs(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 0 || count > 20) return node.Wrong("expected 0 to 20");
  out.request.mutable_sampling()->set_logprobs(static_cast<std::int32_t>(count));
  WishFor(node, "logprobs", out);
  return {};
}

Result<void> ReadTopK(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  out.request.mutable_sampling()->set_top_k(count);
  WishFor(node, "top_k", out);
  return {};
}

Result<void> ReadMetadata(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(ReadLabels(node, out.request));
  WishFor(node, "metadata", out);
  return {};
}

Result<void> ReadUser(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(*out.request.mutable_user_id(), node.String());
  WishFor(node, "user_id", out);
  return {};
}

Result<void> ReadSafetyIdentifier(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(*out.request.mutable_safety_identifier(), node.String());
  WishFor(node, "safety_identifier", out);
  return {};
}

// What only servers of this protocol understand.
constexpr std::array<std::string_view, 6> kOwnFields = {"chat_template_kwargs", "enable_thinking",        "prediction",
                                                        "prompt_cache_options", "prompt_cache_retention", "thinking"};

Result<void> KeepForItsOwn(const JsonNode& node, DecodedRequest& out) {
  const std::string path = node.Path();
  const auto field = std::find(kOwnFields.begin(), kOwnFields.end(), path);
  if (field == kOwnFields.end()) return Ignore(node, out);
  KeepOpaque(node, "openai_chat", *field, out.request);
  WishFor(node, *field, out);
  return {};
}

Result<void> ReadMaxTokens(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected a positive number of tokens");
  out.request.mutable_sampling()->set_max_output_tokens(count);
  WishFor(node, "max_output_tokens", out);
  return {};
}

// Its name here is the canonical one.
template <const Knob& kKnob>
Result<void> ReadKnob(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(frontend::ReadKnob(node, kKnob, out.request));
  WishFor(node, kKnob.canonical, out);
  return {};
}

Result<void> ReadSeed(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::int64_t seed, node.Int());
  out.request.mutable_sampling()->set_seed(seed);
  WishFor(node, "seed", out);
  return {};
}

Result<void> ReadStop(const JsonNode& node, DecodedRequest& out) { return ReadStops(node, kStops, out.request); }

Result<void> ReadParallelToolCalls(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const bool parallel, node.Bool());
  out.request.set_parallel_tool_calls(parallel);
  return {};
}

Result<void> ReadEffort(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view effort,
                   node.OneOf({"none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"}));
  out.request.mutable_reasoning()->set_effort(std::string(effort));
  return {};
}

// {"effort","summary"} is the Responses API's; many clients send {"effort","max_tokens","exclude"}.
Result<void> ReadReasoning(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.MustBeObject());
  if (const auto effort = node.Find("effort")) RETURN_IF_ERROR(ReadEffort(*effort, out));
  if (const auto summary = node.Find("summary")) {
    ASSIGN_OR_RETURN(const std::string_view word, summary->OneOf({"auto", "concise", "detailed"}));
    out.request.mutable_reasoning()->set_summary(std::string(word));
  }
  if (const auto budget = node.Find("max_tokens")) {
    ASSIGN_OR_RETURN(const std::int64_t tokens, budget->Int());
    if (tokens < 0) return budget->Wrong("expected a number of tokens");
    out.request.mutable_reasoning()->set_budget_tokens(tokens);
  }
  NoteOthers(out.ignored, node, {"effort", "max_tokens", "summary"});
  return {};
}

Result<void> ReadVerbosity(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view word, node.OneOf({"low", "medium", "high"}));
  out.request.set_verbosity(word == "low"    ? inference::v1::VERBOSITY_LOW
                            : word == "high" ? inference::v1::VERBOSITY_HIGH
                                             : inference::v1::VERBOSITY_MEDIUM);
  return {};
}

// {"format","verbosity"}: the Responses API's.
Result<void> ReadText(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(node.MustBeObject());
  if (const auto format = node.Find("format")) RETURN_IF_ERROR(DecodeResponseFormat(*format, out));
  if (const auto verbosity = node.Find("verbosity")) RETURN_IF_ERROR(ReadVerbosity(*verbosity, out));
  NoteOthers(out.ignored, node, {"format", "verbosity"});
  return {};
}

Result<void> ReadServiceTier(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view tier, node.String());
  const inference::v1::Tier known = tier == "fast" ? inference::v1::TIER_PRIORITY : TierOf(tier);
  if (known == inference::v1::TIER_UNSPECIFIED) return Ignore(node, out);
  out.request.set_tier(known);
  return {};
}

Result<void> ReadModalities(const JsonNode& node, DecodedRequest&) {
  RETURN_IF_ERROR(node.MustBeArray());
  for (std::size_t i = 0; i < node.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view modality, node.At(i).String());
    if (modality != "text") return node.At(i).Unsupported("only text can be answered");
  }
  return {};
}

Result<void> ReadCacheKey(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view key, node.String());
  out.request.mutable_cache()->set_prompt_cache_key(std::string(key));
  return {};
}

constexpr std::array kFields = {
    Field{"audio", RefuseAudio},
    Field{"chat_template_kwargs", KeepForItsOwn},
    Field{"enable_thinking", KeepForItsOwn},
    Field{"extra_body", Ignore},
    Field{"frequency_penalty", ReadKnob<kFrequencyPenalty>},
    Field{"function_call", DecodeFunctionCall},
    Field{"functions", DecodeFunctions},
    Field{"logit_bias", ReadLogitBias},
    Field{"logprobs", ReadLogprobs},
    Field{"max_completion_tokens", ReadMaxTokens},
    Field{"max_output_tokens", ReadMaxTokens},
    Field{"max_tokens", ReadMaxTokens},
    Field{"messages", DecodeMessages},
    Field{"metadata", ReadMetadata},
    Field{"min_p", ReadKnob<kMinP>},
    Field{"modalities", ReadModalities},
    Field{"model", ReadModel},
    Field{"moderation", Ignore},
    Field{"n", ReadChoices},
    Field{"parallel_tool_calls", ReadParallelToolCalls},
    Field{"prediction", KeepForItsOwn},
    Field{"presence_penalty", ReadKnob<kPresencePenalty>},
    Field{"prompt_cache_key", ReadCacheKey},
    Field{"prompt_cache_options", KeepForItsOwn},
    Field{"prompt_cache_retention", KeepForItsOwn},
    Field{"reasoning", ReadReasoning},
    Field{"reasoning_effort", ReadEffort},
    Field{"repetition_penalty", ReadKnob<kRepetitionPenalty>},
    Field{"response_format", DecodeResponseFormat},
    Field{"safety_identifier", ReadSafetyIdentifier},
    Field{"seed", ReadSeed},
    Field{"service_tier", ReadServiceTier},
    Field{"stop", ReadStop},
    Field{"store", IgnoreUnlessFalse},
    Field{"stream", ReadStream},
    Field{"stream_options", ReadStreamOptions},
    Field{"temperature", ReadKnob<kTemperature>},
    Field{"text", ReadText},
    Field{"thinking", KeepForItsOwn},
    Field{"tool_choice", DecodeToolChoice},
    Field{"tools", DecodeTools},
    Field{"top_k", ReadTopK},
    Field{"top_logprobs", ReadTopLogprobs},
    Field{"top_p", ReadKnob<kTopP>},
    Field{"user", ReadUser},
    Field{"verbosity", ReadVerbosity},
    Field{"web_search_options", DecodeWebSearch},
};

// A member of the body by its row above.
Result<void> ReadField(const JsonNode& node, DecodedRequest& out) {
  const std::string name = node.Path();
  const auto row = std::find_if(kFields.begin(), kFields.end(), [&](const Field& field) { return field.name == name; });
  return row == kFields.end() ? Ignore(node, out) : row->read(node, out);
}

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kFields); }

Result<DecodedRequest> DecodeRequest(std::string_view body) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  const JsonNode root(document->root());

  DecodedRequest out;
  RETURN_IF_ERROR(HasResponsesForm(root) ? ReadResponsesForm(root, out, ReadField)
                                         : ReadFields(root, kFields, out, Ignore));
  if (out.request.model().empty()) return MissingField("model", "a model is required");
  if (out.request.items().empty()) return MissingField("messages", "messages are required");
  // Ask for the summary that becomes `reasoning_content`; without reasoning there is none to ask for.
  auto& reasoning = *out.request.mutable_reasoning();
  if (reasoning.effort() == "none") {
    reasoning.clear_summary();
  } else if (reasoning.summary().empty()) {
    reasoning.set_summary("auto");
  }
  return out;
}

}  // namespace patchbay::frontend::openai_chat
