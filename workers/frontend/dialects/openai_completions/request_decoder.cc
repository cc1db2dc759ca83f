#include "workers/frontend/dialects/openai_completions/request_decoder.h"

#include <algorithm>
#include <array>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::openai_completions {
namespace {

constexpr std::size_t kMaxStops = 4;

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
  ASSIGN_OR_RETURN(const std::string_view model, node.String());
  if (model.empty()) return node.Wrong("expected the name of a model");
  draft.out.request.set_model(std::string(model));
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

Result<void> ReadChoices(const JsonNode& node, Draft&) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected 1");
  if (count > 1) return node.Unsupported("only one choice per request is supported; send several requests");
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

Result<void> ReadStop(const JsonNode& node, Draft& draft) {
  auto& stops = draft.out.stops;
  if (node.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view stop, node.String());
    if (!stop.empty()) stops.emplace_back(stop);
  } else {
    RETURN_IF_ERROR(node.MustBeArray());
    if (node.size() > kMaxStops) return node.Wrong("at most " + std::to_string(kMaxStops) + " stop sequences");
    for (std::size_t i = 0; i < node.size(); ++i) {
      ASSIGN_OR_RETURN(const std::string_view stop, node.At(i).String());
      stops.emplace_back(stop);
    }
  }
  return {};
}

using inference::v1::Sampling;

// The numeric knobs, whose names are the canonical ones: their setter and their range.
template <auto Setter, int kMin, int kMax>
Result<void> ReadKnob(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const double value, node.Number());
  if (value < kMin || value > kMax) {
    return node.Wrong("expected a number from " + std::to_string(kMin) + " to " + std::to_string(kMax));
  }
  (draft.out.request.mutable_sampling()->*Setter)(value);
  const std::string name = node.Pointer().substr(1);
  for (const std::string_view known : {"temperature", "top_p", "presence_penalty", "frequency_penalty"}) {
    if (name == known) draft.out.wishes.push_back({known, name});
  }
  return {};
}

constexpr std::array kFields = {
    Field{"best_of", ReadChoices},
    Field{"echo", ReadEcho},
    Field{"frequency_penalty", ReadKnob<&Sampling::set_frequency_penalty, -2, 2>},
    Field{"logit_bias", Ignore},
    Field{"logprobs", Ignore},
    Field{"max_tokens", ReadMaxTokens},
    Field{"model", ReadModel},
    Field{"n", ReadChoices},
    Field{"presence_penalty", ReadKnob<&Sampling::set_presence_penalty, -2, 2>},
    Field{"prompt", ReadPrompt},
    Field{"seed", ReadSeed},
    Field{"stop", ReadStop},
    Field{"stream", ReadStream},
    Field{"stream_options", ReadStreamOptions},
    Field{"suffix", ReadSuffix},
    Field{"temperature", ReadKnob<&Sampling::set_temperature, 0, 2>},
    Field{"top_p", ReadKnob<&Sampling::set_top_p, 0, 1>},
    Field{"user", Ignore},
};

Error Missing(std::string message, std::string where) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient).At(std::move(where));
}

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kFields); }

Result<DecodedRequest> DecodeRequest(std::string_view body) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  const JsonNode root(document->root());
  Draft draft;
  RETURN_IF_ERROR(ReadFields(root, kFields, draft, Ignore));
  inference::v1::GenerateRequest& request = draft.out.request;
  if (request.model().empty()) return Missing("a model is required", "/model");
  if (!draft.has_prompt || draft.prompt.empty()) return Missing("a prompt is required", "/prompt");
  request.set_instructions(std::string(draft.suffix.empty() ? kContinue : kFillIn));
  auto& message = *request.add_items()->mutable_message();
  message.set_role(inference::v1::ROLE_USER);
  message.add_parts()->set_text(
      draft.suffix.empty() ? draft.prompt : "<before>" + draft.prompt + "</before><after>" + draft.suffix + "</after>");
  if (draft.echo) draft.out.echo = std::move(draft.prompt);
  return std::move(draft.out);
}

}  // namespace patchbay::frontend::openai_completions
