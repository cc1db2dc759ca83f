#include "workers/frontend/dialects/openai_embeddings/request_decoder.h"

#include <array>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"

namespace patchbay::frontend::openai_embeddings {
namespace {

constexpr std::string_view kBase64 = "base64", kFloat = "float";
constexpr std::string_view kInput = "input";

struct Draft {
  DecodedRequest out;
  bool has_input = false;
};

// One row per member of the body. README.md shows the same rows to people.
using Field = KnownField<Draft>;

Result<void> LeaveToProvider(const JsonNode&, Draft&) { return {}; }

Result<void> ReadModel(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.out.model, ReadModelName(node));
  return {};
}

// Tokens of one text: whole numbers.
Result<void> CheckTokens(const JsonNode& tokens) {
  if (tokens.size() == 0) return tokens.Wrong("expected tokens, found an empty array");
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const JsonNode token = tokens.At(i);
    RETURN_IF_ERROR(token.Int());
  }
  return {};
}

// A text, its tokens, or an array of texts or of their tokens.
Result<void> ReadInput(const JsonNode& node, Draft& draft) {
  draft.has_input = true;
  if (node.IsString()) return {};
  if (!node.IsArray()) return node.Wrong("expected a string, or an array of strings or tokens");
  if (node.size() == 0) return node.Wrong("expected a string, found an empty array");
  const JsonNode first = node.At(0);
  if (!first.IsString() && !first.IsArray()) return CheckTokens(node);
  for (std::size_t i = 0; i < node.size(); ++i) {
    const JsonNode each = node.At(i);
    if (first.IsString()) {
      RETURN_IF_ERROR(each.String());
    } else {
      RETURN_IF_ERROR(each.MustBeArray());
      RETURN_IF_ERROR(CheckTokens(each));
    }
  }
  return {};
}

Result<void> ReadDimensions(const JsonNode& node, Draft&) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected at least 1");
  return {};
}

Result<void> ReadEncodingFormat(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view format, node.OneOf({kFloat, kBase64}));
  draft.out.wants_base64 = format == kBase64;
  return {};
}

Result<void> ReadUser(const JsonNode& node, Draft&) {
  RETURN_IF_ERROR(node.String());
  return {};
}

constexpr std::array kFields = {
    Field{"dimensions", ReadDimensions},
    Field{"encoding_format", ReadEncodingFormat},
    Field{kInput, ReadInput},
    Field{"model", ReadModel},
    Field{"user", ReadUser},
};

std::int64_t TokensOf(const boost::json::value& input) {
  if (input.is_string()) return EstimateTokens(std::string_view(input.get_string()));
  if (!input.is_array()) return 1;  // a token
  std::int64_t tokens = 0;
  for (const boost::json::value& each : input.get_array()) tokens += TokensOf(each);
  return tokens;
}

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kFields); }

Result<DecodedRequest> DecodeRequest(std::string& body) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  Draft draft;
  RETURN_IF_ERROR(ReadFields(JsonNode(document->root()), kFields, draft, LeaveToProvider));
  // Which of two members a provider takes nobody knows.
  auto members = wire::TopLevelMembers(body);
  if (!members.ok()) return std::move(members).error().From(Origin::kClient);
  if (draft.out.model.empty()) return MissingField("model", "a model is required");
  if (!draft.has_input) return MissingField(kInput, "an input is required");
  return std::move(draft.out);
}

std::int64_t EstimateInputTokens(std::string_view body) {
  const auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return 0;
  const boost::json::value* input = wire::FindMember(document->root(), kInput);
  return input == nullptr ? 0 : TokensOf(*input);
}

}  // namespace patchbay::frontend::openai_embeddings
