#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

#include <google/protobuf/stubs/logging.h>

#include "lib/base/encoding.h"

namespace patchbay::frontend {
namespace {

// A new form of the envelope gets a new tag.
constexpr std::string_view kTag = "patchbay1";

Error NotOurs() { return Error(ErrorCode::kNotFound, "not an envelope of ours"); }

}  // namespace

bool IsSealed(const inference::v1::ReasoningItem& reasoning) {
  return !reasoning.encrypted_content().empty() || !reasoning.signature().empty();
}

bool IsWorthPlayingBack(const inference::v1::Item& item) {
  const auto& reasoning = item.reasoning();
  return !reasoning.encrypted_content().empty() || !reasoning.signature().empty() || !reasoning.text().empty();
}

std::string WrapReasoning(const std::vector<inference::v1::Item>& items) {
  inference::v1::GenerateRequest carrier;
  for (const auto& item : items) *carrier.add_items() = item;
  return Base64Encode(std::string(kTag) + carrier.SerializeAsString());
}

Result<std::vector<inference::v1::Item>> UnwrapReasoning(std::string_view text) {
  const auto bytes = Base64Decode(text);
  if (!bytes.ok() || !bytes->starts_with(kTag)) return NotOurs();
  // The library would tell our log of every text that a client made up.
  const google::protobuf::LogSilencer silence;
  inference::v1::GenerateRequest carrier;
  if (!carrier.ParseFromString(bytes->substr(kTag.size()))) return NotOurs();
  std::vector<inference::v1::Item> items;
  for (auto& item : *carrier.mutable_items()) {
    // The text comes from a client: nothing but reasoning is taken out of it.
    if (IsWorthPlayingBack(item)) items.push_back(std::move(item));
  }
  if (items.empty()) return NotOurs();
  return items;
}

}  // namespace patchbay::frontend
