#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

#include <array>
#include <utility>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_decoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;

constexpr StopRules kStopRules{.count_max = 16, .bytes_max = 1024, .one_string = true, .may_be_empty = true};

struct Decoding {
  TranslatedRequest out;
  InputDecoder input;
  bool wants_logprobs = false;

  explicit Decoding(const RequestSource& source) : input(out.request, out.ignored, out.repaired, source.references) {}
};

using Row = KnownField<Decoding>;

// What has no canonical form, for the provider that answers to take or to name.
Result<void> KeepField(const JsonNode& node, Decoding& decoding) {
  auto& opaque = *decoding.out.request.add_opaque();
  opaque.set_dialect(std::string(kDialect));
  opaque.set_type(node.Path());
  opaque.set_json(node.Text());
  return {};
}

// What this gateway does itself, whoever answers.
Result<void> DoneHere(const JsonNode&, Decoding&) { return {}; }

// A word that says what happens anyway.
template <const std::string_view& kWord>
Result<void> KeepUnless(const JsonNode& node, Decoding& decoding) {
  if (node.IsString() && std::string_view(node.value().get_string()) == kWord) return {};
  return KeepField(node, decoding);
}

Result<void> TakeModel(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(*decoding.out.request.mutable_model(), ReadModelName(node));
  return {};
}

Result<void> TakeInstructions(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(*decoding.out.request.mutable_instructions(), node.String());
  return {};
}

Result<void> TakeInput(const JsonNode& node, Decoding& decoding) { return decoding.input.Decode(node); }

Result<void> TakeTools(const JsonNode& node, Decoding& decoding) {
  return DecodeTools(node, decoding.out.request, decoding.out.ignored);
}

Result<void> TakeToolChoice(const JsonNode& node, Decoding& decoding) {
  return DecodeToolChoice(node, decoding.out.request, decoding.out.ignored);
}

Result<void> TakeParallel(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(const bool parallel, node.Bool());
  decoding.out.request.set_parallel_tool_calls(parallel);
  return {};
}

template <const Knob& kKnob>
Result<void> TakeKnob(const JsonNode& node, Decoding& decoding) {
  return ReadKnob(node, kKnob, decoding.out.request);
}

Result<void> TakeMaxTokens(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected a positive number of tokens");
  decoding.out.request.mutable_sampling()->set_max_output_tokens(count);
  return {};
}

Result<void> TakeSeed(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(const std::int64_t seed, node.Int());
  decoding.out.request.mutable_sampling()->set_seed(seed);
  return {};
}

Result<void> TakeTopK(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(const std::int64_t top, node.Int());
  decoding.out.request.mutable_sampling()->set_top_k(top);
  return {};
}

Result<void> TakeStop(const JsonNode& node, Decoding& decoding) {
  return ReadStops(node, kStopRules, decoding.out.request);
}

Result<void> TakeTopLogprobs(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 0 || count > 20) return node.Wrong("expected a number from 0 to 20");
  if (count > 0) decoding.out.request.mutable_sampling()->set_logprobs(static_cast<int>(count));
  return {};
}

// Names of what the answer is to hold besides. Sources of a search come with it in any case.
Result<void> TakeInclude(const JsonNode& node, Decoding& decoding) {
  RETURN_IF_ERROR(node.MustBeArray());
  for (std::size_t i = 0; i < node.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string_view name, node.At(i).String());
    if (name == "reasoning.encrypted_content") {
      decoding.out.request.mutable_reasoning()->set_include_encrypted(true);
    } else if (name == "message.output_text.logprobs") {
      decoding.wants_logprobs = true;
    } else if (name != "web_search_call.action.sources") {
      NoteIgnored(decoding.out.ignored, "include." + std::string(name));
    }
  }
  return {};
}

Result<void> TakeReasoning(const JsonNode& node, Decoding& decoding) {
  RETURN_IF_ERROR(node.MustBeObject());
  inf::Reasoning& reasoning = *decoding.out.request.mutable_reasoning();
  ASSIGN_OR_RETURN(*reasoning.mutable_effort(), node.OptionalString("effort"));
  for (const std::string_view member : {"generate_summary", "summary"}) {  // the newer name counts
    if (const auto summary = node.Find(member)) {
      ASSIGN_OR_RETURN(*reasoning.mutable_summary(), summary->OneOf({"auto", "concise", "detailed"}));
    }
  }
  NoteOthers(decoding.out.ignored, node, {"effort", "summary", "generate_summary"});
  return {};
}

Result<void> TakeFormat(const JsonNode& format, Decoding& decoding) {
  inf::OutputFormat& out = *decoding.out.request.mutable_output_format();
  ASSIGN_OR_RETURN(const std::string_view type, format.RequiredString("type"));
  if (type == "text") {
    out.set_kind(inf::OutputFormat::KIND_TEXT);
    return {};
  }
  if (type == "json_object") {
    out.set_kind(inf::OutputFormat::KIND_JSON_OBJECT);
    return {};
  }
  if (type != "json_schema") return format.Find("type")->Wrong("expected 'text', 'json_object' or 'json_schema'");
  const auto schema = format.Find("schema");
  if (!schema) return format.Wrong("a format of type 'json_schema' needs schema");
  RETURN_IF_ERROR(schema->MustBeObject());
  out.set_kind(inf::OutputFormat::KIND_JSON_SCHEMA);
  out.set_schema_json(schema->Text());
  ASSIGN_OR_RETURN(*out.mutable_name(), format.OptionalString("name"));
  ASSIGN_OR_RETURN(*out.mutable_description(), format.OptionalString("description"));
  if (const auto strict = format.Find("strict")) {
    ASSIGN_OR_RETURN(const bool value, strict->Bool());
    out.set_strict(value);
  }
  NoteOthers(decoding.out.ignored, format, {"type", "name", "schema", "description", "strict"});
  return {};
}

Result<void> TakeText(const JsonNode& node, Decoding& decoding) {
  RETURN_IF_ERROR(node.MustBeObject());
  if (const auto format = node.Find("format")) RETURN_IF_ERROR(TakeFormat(*format, decoding));
  if (const auto verbosity = node.Find("verbosity")) {
    ASSIGN_OR_RETURN(const std::string_view word, verbosity->OneOf({"low", "medium", "high"}));
    decoding.out.request.set_verbosity(word == "low"    ? inf::VERBOSITY_LOW
                                       : word == "high" ? inf::VERBOSITY_HIGH
                                                        : inf::VERBOSITY_MEDIUM);
  }
  NoteOthers(decoding.out.ignored, node, {"format", "verbosity"});
  return {};
}

// client-protocols C.2. `fast` is what the Codex CLI calls `priority`.
Result<void> TakeTier(const JsonNode& node, Decoding& decoding) {
  struct TierWord {
    std::string_view word;
    inf::Tier tier;
  };
  constexpr std::array kTierWords = {TierWord{"auto", inf::TIER_AUTO},         TierWord{"default", inf::TIER_STANDARD},
                                     TierWord{"priority", inf::TIER_PRIORITY}, TierWord{"fast", inf::TIER_PRIORITY},
                                     TierWord{"flex", inf::TIER_FLEX},         TierWord{"scale", inf::TIER_SCALE}};
  ASSIGN_OR_RETURN(const std::string_view word, node.String());
  for (const TierWord& each : kTierWords) {
    if (each.word != word) continue;
    decoding.out.request.set_tier(each.tier);
    return {};
  }
  return KeepField(node, decoding);
}

Result<void> TakeCacheKey(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(*decoding.out.request.mutable_cache()->mutable_prompt_cache_key(), node.String());
  return {};
}

Result<void> TakeSafetyIdentifier(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(*decoding.out.request.mutable_safety_identifier(), node.String());
  return {};
}

Result<void> TakeUser(const JsonNode& node, Decoding& decoding) {
  ASSIGN_OR_RETURN(*decoding.out.request.mutable_user_id(), node.String());
  return {};
}

Result<void> TakeMetadata(const JsonNode& node, Decoding& decoding) {
  RETURN_IF_ERROR(node.MustBeObject());
  for (const auto& member : node.value().get_object()) {
    const auto value = node.Find(member.key());
    if (!value) continue;
    (*decoding.out.request.mutable_metadata())[std::string(member.key())] =
        value->IsString() ? std::string(*value->String()) : value->Text();
  }
  return {};
}

// Padding is for eavesdroppers on the way here, and usage comes in any case.
Result<void> TakeStreamOptions(const JsonNode& node, Decoding& decoding) {
  RETURN_IF_ERROR(node.MustBeObject());
  NoteOthers(decoding.out.ignored, node, {"include_obfuscation", "include_usage"});
  return {};
}

constexpr std::string_view kDisabled = "disabled";

constexpr std::array kRows = {
    Row{"background", DoneHere},
    Row{"frequency_penalty", TakeKnob<kFrequencyPenalty>},
    Row{"include", TakeInclude},
    Row{"input", TakeInput},
    Row{"instructions", TakeInstructions},
    Row{"max_completion_tokens", TakeMaxTokens},
    Row{"max_output_tokens", TakeMaxTokens},
    Row{"max_tokens", TakeMaxTokens},
    Row{"metadata", TakeMetadata},
    Row{"model", TakeModel},
    Row{"parallel_tool_calls", TakeParallel},
    Row{"presence_penalty", TakeKnob<kPresencePenalty>},
    Row{"previous_response_id", DoneHere},
    Row{"prompt_cache_key", TakeCacheKey},
    Row{"reasoning", TakeReasoning},
    Row{"safety_identifier", TakeSafetyIdentifier},
    Row{"seed", TakeSeed},
    Row{"service_tier", TakeTier},
    Row{"stop", TakeStop},
    Row{"store", DoneHere},
    Row{"stream", DoneHere},
    Row{"stream_options", TakeStreamOptions},
    Row{"temperature", TakeKnob<kTemperature>},
    Row{"text", TakeText},
    Row{"tool_choice", TakeToolChoice},
    Row{"tools", TakeTools},
    Row{"top_k", TakeTopK},
    Row{"top_logprobs", TakeTopLogprobs},
    Row{"top_p", TakeKnob<kTopP>},
    Row{"truncation", KeepUnless<kDisabled>},
    Row{"user", TakeUser},
};

Result<void> DecodeHistory(const RequestSource& source, InputDecoder& input) {
  for (const ItemsJson& items : source.history) {
    if (items->empty()) continue;
    ASSIGN_OR_RETURN(const wire::JsonDocument document, wire::JsonDocument::Parse("[" + *items + "]"));
    auto decoded = input.Decode(JsonNode(document.root()));
    // The client said it in an earlier request: this is where this one names it.
    if (!decoded.ok()) return Error(decoded.error()).At("/previous_response_id");
  }
  return {};
}

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kRows); }

std::vector<WishedFor> Wishes() { return {{"logprobs", "top_logprobs"}, {"user_id", "user"}}; }

Result<TranslatedRequest> DecodeRequest(const RequestSource& source) {
  auto document = wire::JsonDocument::Parse(source.body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  Decoding decoding(source);
  RETURN_IF_ERROR(DecodeHistory(source, decoding.input));
  RETURN_IF_ERROR(ReadFields(JsonNode(document->root()), kRows, decoding, KeepField));
  decoding.input.Finish();
  inf::Sampling& sampling = *decoding.out.request.mutable_sampling();
  if (decoding.wants_logprobs && !sampling.has_logprobs()) sampling.set_logprobs(0);
  if (sampling.ByteSizeLong() == 0) decoding.out.request.clear_sampling();
  return std::move(decoding.out);
}

}  // namespace patchbay::frontend::openai_responses::translated
