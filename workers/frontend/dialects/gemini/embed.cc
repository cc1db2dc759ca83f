#include "workers/frontend/dialects/gemini/embed.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/embeddings.h"
#include "workers/frontend/dialects/common/request/embed_bytes.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/gemini/fields.h"

namespace patchbay::frontend::gemini {
namespace {

constexpr std::string_view kModelPrefix = "models/";

// One content's request.
struct EmbedDraft {
  DecodedEmbed& out;
  std::string_view model;  // the path's
  std::string text = {};
  std::optional<std::int32_t> dimensions = std::nullopt;

  void Ignore(const JsonNode& node) { out.Ignore(node); }
};

// Texts of one content become one text.
Result<void> ReadParts(const JsonNode& parts, EmbedDraft& draft) {
  return ForEachOf(parts, [&](const JsonNode& part, std::size_t) -> Result<void> {
    RETURN_IF_ERROR(part.MustBeObject());
    const auto text = part.Find("text");
    if (!text) return part.Unsupported("only texts are made vectors of");
    ASSIGN_OR_RETURN(const std::string_view words, text->String());
    if (!draft.text.empty() && !words.empty()) draft.text.push_back('\n');
    draft.text.append(words);
    IgnoreOthers(part, {"text"}, draft);
    return {};
  });
}

Result<void> ReadEmbeddedContent(const JsonNode& content, EmbedDraft& draft) {
  RETURN_IF_ERROR(content.MustBeObject());
  if (const auto parts = content.Find("parts")) RETURN_IF_ERROR(ReadParts(*parts, draft));
  if (draft.text.empty()) return content.Wrong("expected a text");
  IgnoreOthers(content, {"parts", "role"}, draft);
  return {};
}

// The path says which model it is; a body that says the same is fine.
Result<void> ReadEmbedModel(const JsonNode& node, EmbedDraft& draft) {
  ASSIGN_OR_RETURN(std::string_view model, node.String());
  if (model.starts_with(kModelPrefix)) model.remove_prefix(kModelPrefix.size());
  if (model != draft.model) draft.Ignore(node);
  return {};
}

Result<void> ReadDimensionality(const JsonNode& node, EmbedDraft& draft) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1 || count > std::numeric_limits<std::int32_t>::max()) return node.Wrong("expected at least 1");
  draft.dimensions = static_cast<std::int32_t>(count);
  return {};
}

// What the vectors are for, and the title of a document, no other protocol says.
constexpr std::array kEmbedFields = {
    Field<EmbedDraft>{"content", ReadEmbeddedContent},
    Field<EmbedDraft>{"model", ReadEmbedModel},
    Field<EmbedDraft>{"outputDimensionality", ReadDimensionality},
    Field<EmbedDraft>{"taskType", IgnoreField<EmbedDraft>},
    Field<EmbedDraft>{"title", IgnoreField<EmbedDraft>},
};

Result<void> ReadRequest(const JsonNode& request, std::string_view model, DecodedEmbed& out) {
  EmbedDraft draft{out, model};
  RETURN_IF_ERROR(ReadFields(request, kEmbedFields, draft));
  if (draft.text.empty()) {
    return Error(ErrorCode::kInvalidArgument, "a content is required")
        .From(Origin::kClient)
        .At(request.PointerTo("content"));
  }
  const bool first = out.call.inputs().empty();
  if (first && draft.dimensions) out.call.set_dimensions(*draft.dimensions);
  if (out.call.has_dimensions() != draft.dimensions.has_value() ||
      (draft.dimensions && out.call.dimensions() != *draft.dimensions)) {
    return request.Unsupported("all requests of a batch must have the same outputDimensionality");
  }
  out.call.add_inputs(std::move(draft.text));
  return {};
}

void WriteValues(const gateway::v1::Embedding& embedding, wire::JsonWriter& json) {
  json.BeginObject().Key("values").BeginArray();
  for (const float value : embedding.values()) {
    // As short as a float allows: as a double, 0.1f would have seventeen digits.
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    json.Raw({digits, static_cast<std::size_t>(end - digits)});
  }
  json.EndArray().EndObject();
}

class EmbedReplyEncoder final : public RelayedReply {
 public:
  EmbedReplyEncoder(int inputs, bool batch) : inputs_(inputs), batch_(batch) {}
  Result<bool> Bytes(std::string_view bytes, std::string&) override {
    answer_.append(bytes);
    return true;
  }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, EncodeEmbed(answer_, inputs_, batch_));
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  const int inputs_;
  const bool batch_;
  std::string answer_;
};

}  // namespace

void DecodedEmbed::Ignore(const JsonNode& node) { NoteIgnored(ignored, FieldPath(node)); }

Result<DecodedEmbed> DecodeEmbed(std::string_view body, std::string_view model, bool batch) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  if (model.starts_with(kModelPrefix)) model.remove_prefix(kModelPrefix.size());
  DecodedEmbed out;
  out.call.set_model(std::string(model));
  const JsonNode root(document->root());
  if (!batch) {
    RETURN_IF_ERROR(ReadRequest(root, model, out));
  } else {
    RETURN_IF_ERROR(root.MustBeObject());
    const auto requests = root.Find("requests");
    if (!requests) return MissingField("requests", "requests are required");
    RETURN_IF_ERROR(requests->MustBeArray());
    if (requests->size() > static_cast<std::size_t>(kMaxEmbedInputs)) {
      return requests->Wrong("expected at most " + std::to_string(kMaxEmbedInputs));
    }
    for (std::size_t i = 0; i < requests->size(); ++i) RETURN_IF_ERROR(ReadRequest(requests->At(i), model, out));
    IgnoreOthers(root, {"requests"}, out);
  }
  RETURN_IF_ERROR(CheckEmbedCall(out.call));
  return out;
}

Result<std::string> EncodeEmbed(std::string_view answer, int inputs, bool batch) {
  ASSIGN_OR_RETURN(const auto reply, ReadEmbeddings(answer, inputs));
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key(batch ? "embeddings" : "embedding");
  if (batch) json.BeginArray();
  for (const auto& embedding : reply.embeddings()) WriteValues(embedding, json);
  if (batch) json.EndArray();
  json.EndObject();
  return out;
}

std::unique_ptr<RelayedReply> NewEmbedReply(int inputs, bool batch) {
  return std::make_unique<EmbedReplyEncoder>(inputs, batch);
}

}  // namespace patchbay::frontend::gemini
