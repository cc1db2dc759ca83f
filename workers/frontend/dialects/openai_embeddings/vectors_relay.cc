#include "workers/frontend/dialects/openai_embeddings/vectors_relay.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_reader.h"

namespace patchbay::frontend::openai_embeddings {
namespace {

Error NoVectors() {
  return Error(ErrorCode::kProtocol, "the provider's answer has no vectors").From(Origin::kUpstream);
}

// Without building the document: most answers are already as they were asked for.
bool HasLists(std::string_view answer) {
  bool lists = false;
  wire::JsonReader(answer).ForEachMember([&](std::string_view key, wire::JsonValue data) {
    if (key != "data") return;
    wire::JsonReader(data.RawArray()).ForEachElement([&](wire::JsonValue entry) {
      wire::JsonReader(entry.RawObject()).ForEachMember([&](std::string_view name, wire::JsonValue vector) {
        if (name == "embedding") lists = lists || !vector.RawArray().empty();
      });
    });
  });
  return lists;
}

void AppendFloat(float value, std::string& bytes) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(bits >> shift & 0xFF));
}

Result<void> PackVector(boost::json::value& entry) {
  boost::json::object* object = entry.if_object();
  boost::json::value* vector = object == nullptr ? nullptr : object->if_contains("embedding");
  if (vector == nullptr) return NoVectors();
  if (vector->is_string()) return {};
  if (!vector->is_array()) return NoVectors();
  std::string bytes;
  bytes.reserve(vector->get_array().size() * sizeof(float));
  for (const boost::json::value& number : vector->get_array()) {
    if (!number.is_number()) return NoVectors();
    const auto value = number.to_number<float>();
    if (!std::isfinite(value)) return NoVectors();
    AppendFloat(value, bytes);
  }
  vector->emplace_string() = Base64Encode(bytes);
  return {};
}

}  // namespace

Result<std::string> InBase64(std::string_view answer) {
  auto document = wire::JsonDocument::Parse(answer);
  if (!document.ok()) return NoVectors();
  boost::json::object* root = document->root().if_object();
  boost::json::value* data = root == nullptr ? nullptr : root->if_contains("data");
  if (data == nullptr || !data->is_array()) return NoVectors();
  for (boost::json::value& entry : data->get_array()) RETURN_IF_ERROR(PackVector(entry));
  return boost::json::serialize(document->root());
}

Result<bool> VectorsRelay::Bytes(std::string_view bytes, std::string&) {
  body_.append(bytes);
  return true;
}

Result<void> VectorsRelay::End(std::string& out) {
  if (wants_base64_ && HasLists(body_)) {
    ASSIGN_OR_RETURN(body_, InBase64(body_));
  }
  out = std::move(body_);
  return {};
}

}  // namespace patchbay::frontend::openai_embeddings
