#include "workers/frontend/gateway/embeddings.h"

#include <utility>
#include <vector>

#include "lib/catalog/words.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/gateway/event_reply.h"

namespace patchbay::frontend {
namespace {

Error BadCall(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient);
}

Error BadAnswer(std::string_view what) {
  return Error(ErrorCode::kProtocol, std::string("the provider's answer ").append(what)).From(Origin::kUpstream);
}

std::int64_t NumberAt(const boost::json::value& value, std::string_view key) {
  const boost::json::value* member = wire::FindMember(value, key);
  if (member == nullptr) return 0;
  boost::system::error_code error;
  const auto number = member->to_number<std::int64_t>(error);
  return !error && number > 0 ? number : 0;
}

Result<void> ReadVector(const boost::json::value& entry, gateway::v1::Embedding& out) {
  const boost::json::value* vector = wire::FindMember(entry, "embedding");
  if (vector == nullptr || !vector->is_array() || vector->get_array().empty()) return BadAnswer("has no vector");
  for (const boost::json::value& value : vector->get_array()) {
    if (!value.is_number()) return BadAnswer("has a vector of something else than numbers");
    out.add_values(value.to_number<float>());
  }
  return {};
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

Result<gateway::v1::EmbedReply> ReadEmbeddings(std::string_view body, int inputs) {
  auto document = wire::JsonDocument::Parse(body);
  if (!document.ok()) return BadAnswer("is no JSON");
  const boost::json::value& root = document->root();
  const boost::json::value* data = wire::FindMember(root, "data");
  if (data == nullptr || !data->is_array()) return BadAnswer("has no embeddings");
  const auto& entries = data->get_array();
  if (entries.size() != static_cast<std::size_t>(inputs)) return BadAnswer("has not one embedding for each input");
  gateway::v1::EmbedReply reply;
  for (int i = 0; i < inputs; ++i) reply.add_embeddings();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    // Hosts that leave `index` out answer in order.
    const auto index =
        wire::FindMember(entries[i], "index") == nullptr ? static_cast<std::int64_t>(i) : NumberAt(entries[i], "index");
    if (index >= inputs || reply.embeddings(static_cast<int>(index)).values_size() > 0) {
      return BadAnswer("numbers its embeddings otherwise than the inputs");
    }
    RETURN_IF_ERROR(ReadVector(entries[i], *reply.mutable_embeddings(static_cast<int>(index))));
  }
  reply.set_served_model(std::string(wire::FindString(root, "model")));
  if (const boost::json::value* usage = wire::FindMember(root, "usage"); usage != nullptr) {
    reply.mutable_usage()->set_input_tokens(NumberAt(*usage, "prompt_tokens"));
  }
  return reply;
}

void EmbedSink::BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) {
  body_.clear();
  notes_ = NotesOf(model_, granted, route);
  clock_.Granted();
}

void EmbedSink::TakeHead(const upstream::v1::Head&) { clock_.Accepted(); }

Losses EmbedSink::losses() const {
  return {{notes_.ignored().begin(), notes_.ignored().end()}, {notes_.repaired().begin(), notes_.repaired().end()}};
}

Result<void> EmbedSink::TakeEvent(const inference::v1::GenerateEvent&) {
  return Error(ErrorCode::kInternal, "an answer with embeddings comes as bytes");
}

Result<bool> EmbedSink::TakeBytes(std::string_view bytes) {
  body_.append(bytes);
  return true;
}

Result<gateway::v1::EmbedReply> EmbedSink::Take(int inputs) {
  clock_.Ended();
  ASSIGN_OR_RETURN(auto reply, ReadEmbeddings(body_, inputs));
  *reply.mutable_notes() = notes_;
  clock_.Write(*reply.mutable_timings());
  return reply;
}

}  // namespace patchbay::frontend
