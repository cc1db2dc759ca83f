#include "workers/upstream/dialects/codex/request_encoder.h"

#include <string>
#include <utility>

#include "lib/base/text.h"
#include "lib/wire/json_writer.h"
#include "workers/upstream/dialects/common/checked_json.h"
#include "workers/upstream/dialects/common/ignored.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"
#include "workers/upstream/dialects/common/responses/text_encoder.h"
#include "workers/upstream/dialects/common/responses/tool_encoder.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

void WriteReasoning(JsonWriter& json, const inf::Reasoning& reasoning) {
  json.Key("reasoning").BeginObject();
  if (!reasoning.effort().empty()) json.Key("effort").String(reasoning.effort());
  if (!reasoning.summary().empty()) json.Key("summary").String(reasoning.summary());
  json.EndObject();
}

void WriteServiceTier(JsonWriter& json, inf::Tier tier, std::vector<std::string>& ignored) {
  const std::string_view name = TierName(tier);
  if (!name.empty()) {
    json.Key("service_tier").String(name);
  } else if (tier == inf::TIER_SCALE) {  // the others mean what absence means
    AddIgnored(ignored, "service_tier");
  }
}

// Request fields without a canonical form. Only what the backend is known to accept goes out.
Result<void> WriteOpaqueFields(JsonWriter& json, const inf::GenerateRequest& request,
                               std::vector<std::string>& ignored) {
  for (const inf::Opaque& field : request.opaque()) {
    if (field.dialect() == responses::kRawDialect && field.type() == "client_metadata") {
      ASSIGN_OR_RETURN(const std::string value, CheckedObject(field.json(), field.type()));
      json.Key("client_metadata").Raw(value);
    } else {
      AddIgnored(ignored, field.type());
    }
  }
  return {};
}

}  // namespace

std::string_view TierName(inf::Tier tier) {
  if (tier == inf::TIER_PRIORITY) return "priority";
  return tier == inf::TIER_FLEX ? "flex" : std::string_view();
}

Result<EncodedRequest> EncodeRequest(const inf::GenerateRequest& request, std::string_view session) {
  EncodedRequest encoded;
  encoded.body.reserve(request.ByteSizeLong() + request.ByteSizeLong() / 8 + 1024);
  JsonWriter json(encoded.body);
  json.BeginObject();
  json.Key("model").String(request.model());
  json.Key("instructions").String(IsBlank(request.instructions()) ? kDefaultInstructions : request.instructions());

  json.Key("input").BeginArray();
  RETURN_IF_ERROR(responses::WriteItems(json, request, responses::AudioForm::kUrl, encoded.ignored));
  json.EndArray();

  json.Key("tools").BeginArray();
  for (const inf::Tool& tool : request.tools()) RETURN_IF_ERROR(responses::WriteTool(json, tool, encoded.ignored));
  json.EndArray();
  responses::WriteToolChoice(json, request.tool_choice());
  json.Key("parallel_tool_calls").Bool(request.has_parallel_tool_calls() ? request.parallel_tool_calls() : true);

  WriteReasoning(json, request.reasoning());
  json.Key("store").Bool(false).Key("stream").Bool(true);
  json.Key("include").BeginArray().String("reasoning.encrypted_content").EndArray();
  WriteServiceTier(json, request.tier(), encoded.ignored);
  const std::string_view cache_key =
      request.cache().prompt_cache_key().empty() ? session : std::string_view(request.cache().prompt_cache_key());
  if (!cache_key.empty()) json.Key("prompt_cache_key").String(cache_key);
  RETURN_IF_ERROR(responses::WriteText(json, request));
  RETURN_IF_ERROR(WriteOpaqueFields(json, request, encoded.ignored));
  json.EndObject();
  return encoded;
}

}  // namespace patchbay::upstream::codex
