#include "workers/frontend/dialects/common/request/embed_bytes.h"

#include <memory>

#include "lib/catalog/words.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/call/token_count.h"

namespace patchbay::frontend {
namespace {

Error BadCall(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient);
}

}  // namespace

Result<void> CheckEmbedCall(const gateway::v1::EmbedCall& call) {
  if (call.model().empty()) return BadCall("a model is required");
  if (call.inputs().empty()) return BadCall("at least one input is required");
  if (call.inputs_size() > kMaxEmbedInputs) {
    return BadCall("at most " + std::to_string(kMaxEmbedInputs) + " inputs may be sent at once");
  }
  for (int i = 0; i < call.inputs_size(); ++i) {
    if (call.inputs(i).empty()) return BadCall("inputs[" + std::to_string(i) + "] is empty");
  }
  if (call.has_dimensions() && call.dimensions() <= 0) return BadCall("dimensions must be at least 1");
  return {};
}

std::string_view EmbedBytes::dialect() const { return catalog::kEmbeddings; }

Result<RelayedRequest> EmbedBytes::Relayed(const GrantTerms& terms) const {
  std::string body;
  wire::JsonWriter json(body);
  json.BeginObject().Key("model").String(terms.model);
  json.Key("input").BeginArray();
  for (const std::string& input : call_.inputs()) json.String(input);
  json.EndArray();
  if (call_.has_dimensions()) json.Key("dimensions").Int(call_.dimensions());
  if (!call_.user_id().empty()) json.Key("user").String(call_.user_id());
  json.EndObject();
  RelayedRequest relayed;
  relayed.body = std::make_shared<const std::string>(std::move(body));
  relayed.ignored = ignored_;
  if (call_.truncate()) relayed.ignored.emplace_back("truncate");
  return relayed;
}

Result<TranslatedRequest> EmbedBytes::Translated() const {
  return Error(ErrorCode::kUnsupported, "this provider makes no embeddings").From(Origin::kClient);
}

std::int64_t EmbedBytes::EstimateInputTokens() const {
  std::int64_t tokens = 0;
  for (const std::string& input : call_.inputs()) tokens += EstimateTokens(input);
  return tokens;
}

Payload EmbedPayload(gateway::v1::EmbedCall call, std::vector<std::string> ignored) {
  std::size_t bytes = 0;
  for (const std::string& input : call.inputs()) bytes += input.size();
  Payload payload(std::make_shared<const EmbedBytes>(std::move(call), std::move(ignored)));
  payload.needs_relay = true;
  payload.body_bytes = bytes;
  return payload;
}

}  // namespace patchbay::frontend
