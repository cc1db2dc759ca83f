#include "workers/frontend/dialects/openai_completions/request_decoder.h"

#include <algorithm>
#include <array>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"

namespace patchbay::frontend::openai_completions {
namespace {

constexpr StopRules kStops{.count_max = 4, .bytes_max = 1024, .one_string = true, .may_be_empty = true};

constexpr std::string_view kContinue =
    "Continue the user's text from exactly where it ends. Answer with the continuation alone: do not repeat the text, "
    "do not comment on it, do not wrap it.";
constexpr std::string_view kFillIn =
    "The user gives the text before a gap, in <before>, and the text after it, in <after>. Answer with what belongs in "
    "the gap alone: do not repeat what is around it, do not comment on it, do not wrap it.";

// What is read before the canonical request can be made.
struct Draft {
  DecodedRequest out;
  std::string prompt, suffix;
  bool has_prompt = false, echo = false;
};

// One row per member of the body. README.md shows the same rows to people.
using Field = KnownField<Draft>;

Result<void> Ignore(const JsonNode& node, Draft& draft) {
  NoteIgnored(draft.out.ignored, node.Path());
  return {};
}

Result<void> ReadModel(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(*draft.out.request.mutable_model(), ReadModelName(node));
  return {};
}

// A string, or an array of one.
Result<void> ReadPrompt(const JsonNode& node, Draft& draft) {
  draft.has_prompt = true;
  if (node.IsString()) {
    ASSIGN_OR_RETURN(draft.prompt, node.String());
    return {};
  }
  if (!node.IsArray()) return node.Wrong("expected a string");
  if (node.size() == 0) return node.Wrong("expected a string, found an empty array");
  const JsonNode first = node.At(0);
  if (!first.IsString()) return first.Unsupported("prompts made of tokens are not supported: send text");
  if (node.size() > 1) return node.Unsupported("only one prompt per request is supported; send several requests");
  ASSIGN_OR_RETURN(draft.prompt, first.String());
  return {};
}

Result<void> ReadSuffix(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.suffix, node.String());
  return {};
}

Result<void> ReadEcho(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.echo, node.Bool());
  return {};
}

Result<void> ReadStream(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.out.stream, node.Bool());
  return {};
}

Result<void> ReadStreamOptions(const JsonNode& node, Draft& draft) {
  RETURN_IF_ERROR(node.MustBeObject());
  if (const auto usage = node.Find("include_usage")) {
    ASSIGN_OR_RETURN(draft.out.include_usage, usage->Bool());
  }
  NoteOthers(draft.out.ignored, node, {"include_usage"});
  return {};
}

// Answers that are made and thrown away are nothing that providers do.
Result<void> ReadBestOf(const JsonNode& node, Draft&) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected 1");
  if (count > 1) return node.Unsupported("only one choice per request is supported; send several requests");
  return {};
}

Result<void> ReadChoices(const JsonNode& node, Draft& draft) {
  RETURN_IF_ERROR(frontend::ReadChoices(node, draft.out.request));
  draft.out.wishes.push_back({"n", "n"});
  return {};
}

Result<void> ReadLogitBias(const JsonNode& node, Draft& draft) {
  RETURN_IF_ERROR(frontend::ReadLogitBias(node, draft.out.request));
  draft.out.wishes.push_back({"logit_bias", "logit_bias"});
  return {};
}

Result<void> ReadLogprobs(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 0 || count > 5) return node.Wrong("expected 0 to 5");
  draft.out.request.mutable_sampling()->set_logprobs(static_cast<std::int32_t>(count));
  draft.out.wishes.push_back({"logprobs", "logprobs"});
  return {};
}

Result<void> ReadUser(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(*draft.out.request.mutable_user_id(), node.String());
  draft.out.wishes.push_back({"user_id", "user"});
  return {};
}

Result<void> ReadMaxTokens(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 0) return node.Wrong("expected a number of tokens");
  draft.out.request.mutable_sampling()->set_max_output_tokens(count);
  draft.out.wishes.push_back({"max_output_tokens", "max_tokens"});
  return {};
}

Result<void> ReadSeed(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::int64_t seed, node.Int());
  draft.out.request.mutable_sampling()->set_seed(seed);
  draft.out.wishes.push_back({"seed", "seed"});
  return {};
}

Result<void> ReadStop(const JsonNode& node, Draft& draft) { return ReadStops(node, kStops, draft.out.request); }

// Its name here is the canonical one.
template <const Knob& kKnob>
Result<void> ReadKnob(const JsonNode& node, Draft& draft) {
  RETURN_IF_ERROR(frontend::ReadKnob(node, kKnob, draft.out.request));
  draft.out.wishes.push_back({kKnob.canonical, node.Path()});
  return {};
}

constexpr std::array kFields = {
    Field{"best_of", ReadBestOf},
    Field{"echo", ReadEcho},
    Field{"frequency_penalty", ReadKnob<kFrequencyPenalty>},
    Field{"logit_bias", ReadLogitBias},
    Field{"logprobs", ReadLogprobs},
    Field{"max_tokens", ReadMaxTokens},
    Field{"model", ReadModel},
    Field{"n", ReadChoices},
    Field{"presence_penalty", ReadKnob<kPresencePenalty>},
    Field{"prompt", ReadPrompt},
    Field{"seed", ReadSeed},
    Field{"stop", ReadStop},
    Field{"stream", ReadStream},
    Field{"stream_options", ReadStreamOptions},
    Field{"suffix", ReadSuffix},
    Field{"temperature", ReadKnob<kTemperature>},
    Field{"top_p", ReadKnob<kTopP>},
    Field{"user", ReadUser},
};

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kFields); }

Result<DecodedRequest> DecodeRequest(std::string_view body) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  const JsonNode root(document->root());
  Draft draft;
  RETURN_IF_ERROR(ReadFields(root, kFields, draft, Ignore));
  inference::v1::GenerateRequest& request = draft.out.request;
  if (request.model().empty()) return MissingField("model", "a model is required");
  if (!draft.has_prompt || draft.prompt.empty()) return MissingField("prompt", "a prompt is required");
  request.set_instructions(std::string(draft.suffix.empty() ? kContinue : kFillIn));
  auto& message = *request.add_items()->mutable_message();
  message.set_role(inference::v1::ROLE_USER);
  message.add_parts()->set_text(
      draft.suffix.empty() ? draft.prompt : "<before>" + draft.prompt + "</before><after>" + draft.suffix + "</after>");
  if (draft.echo) draft.out.echo = std::move(draft.prompt);
  return std::move(draft.out);
}

}  // namespace patchbay::frontend::openai_completions
