#include "workers/frontend/dialects/gemini/request_decoder.h"

#include <array>
#include <utility>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"
#include "workers/frontend/dialects/gemini/fields.h"
#include "workers/frontend/dialects/gemini/generation_config.h"
#include "workers/frontend/dialects/gemini/request_contents.h"
#include "workers/frontend/dialects/gemini/request_tools.h"

namespace patchbay::frontend::gemini {
namespace {

constexpr std::string_view kModels = "models/";

Result<void> RefuseCachedContent(const JsonNode& node, DecodedRequest&) {
  return node.Unsupported("nothing is cached here; send the whole conversation");
}

// The path says which model it is; a body that says the same is fine.
Result<void> ReadModel(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(std::string_view model, node.String());
  if (model.starts_with(kModels)) model.remove_prefix(kModels.size());
  if (model != out.request.model()) out.Ignore(node);
  return {};
}

Result<void> ReadServiceTier(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const std::string_view tier, node.String());
  if (tier == "priority") {
    out.request.set_tier(inference::v1::TIER_PRIORITY);
  } else if (tier == "flex") {
    out.request.set_tier(inference::v1::TIER_FLEX);
  } else if (tier == "standard") {
    out.request.set_tier(inference::v1::TIER_STANDARD);
  } else if (tier != "unspecified") {
    out.Ignore(node);
  }
  return {};
}

Result<void> ReadUserLabels(const JsonNode& node, DecodedRequest& out) {
  RETURN_IF_ERROR(ReadLabels(node, out.request));
  out.WishFor("metadata", node);
  return {};
}

// What Google's models are not to say; nobody else has these words.
Result<void> ReadSafetySettings(const JsonNode& node, DecodedRequest& out) {
  KeepOpaque(node, "gemini", "safetySettings", out.request);
  out.WishFor("safetySettings", node);
  return {};
}

Result<void> ReadStore(const JsonNode& node, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const bool wanted, node.Bool());
  if (wanted) out.Ignore(node);  // nothing is stored; `false` asks for what happens
  return {};
}

constexpr std::array kFields = {
    Field<DecodedRequest>{"cachedContent", RefuseCachedContent},
    Field<DecodedRequest>{"contents", DecodeContents},
    Field<DecodedRequest>{"generationConfig", DecodeGenerationConfig},
    Field<DecodedRequest>{"labels", ReadUserLabels},
    Field<DecodedRequest>{"model", ReadModel},
    Field<DecodedRequest>{"safetySettings", ReadSafetySettings},
    Field<DecodedRequest>{"serviceTier", ReadServiceTier},
    Field<DecodedRequest>{"store", ReadStore},
    Field<DecodedRequest>{"systemInstruction", DecodeSystemInstruction},
    Field<DecodedRequest>{"toolConfig", DecodeToolConfig},
    Field<DecodedRequest>{"tools", DecodeTools},
};

Result<DecodedRequest> Decode(const JsonNode& root, std::string_view model) {
  if (model.starts_with(kModels)) model.remove_prefix(kModels.size());
  if (model.empty()) return Error(ErrorCode::kInvalidArgument, "a model is required").From(Origin::kClient);
  DecodedRequest out;
  out.request.set_model(std::string(model));
  RETURN_IF_ERROR(ReadFields(root, kFields, out));
  if (out.request.items().empty()) {
    return Error(ErrorCode::kInvalidArgument, "contents are required")
        .From(Origin::kClient)
        .At(root.PointerTo("contents"));
  }
  out.request.mutable_reasoning()->set_include_encrypted(true);
  return out;
}

}  // namespace

void DecodedRequest::Ignore(const JsonNode& node) { NoteIgnored(ignored, FieldPath(node)); }

void DecodedRequest::WishFor(std::string_view canonical, const JsonNode& node) {
  wishes.push_back({canonical, FieldPath(node)});
}

ReplyIdentity IdentityOf(const DecodedRequest& decoded, std::string id) {
  return {.id = std::move(id),
          .model = decoded.request.model(),
          .enum_answer = decoded.enum_answer,
          .thoughts = !decoded.request.reasoning().summary().empty(),
          .web_search = decoded.web_search};
}

Result<DecodedRequest> DecodeRequest(std::string_view body, std::string_view model) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  return Decode(JsonNode(document->root()), model);
}

Result<DecodedRequest> DecodeCountRequest(std::string_view body, std::string_view model) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  const JsonNode root(document->root());
  const auto whole = FindEither(root, "generateContentRequest");
  return Decode(whole ? *whole : root, model);
}

std::vector<std::string> KnownFields() {
  std::vector<std::string> names;
  for (const auto& field : kFields) names.emplace_back(field.name);
  AppendContentFields(names);
  AppendConfigFields(names);
  AppendToolFields(names);
  return names;
}

}  // namespace patchbay::frontend::gemini
