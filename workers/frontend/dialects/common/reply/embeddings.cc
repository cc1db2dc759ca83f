#include "workers/frontend/dialects/common/reply/embeddings.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

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
    const auto number = value.to_number<float>();
    if (!std::isfinite(number)) return BadAnswer("has a vector with a number that no float holds");
    out.add_values(number);
  }
  return {};
}

}  // namespace

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

}  // namespace patchbay::frontend
