#include "workers/frontend/call/grant_edits.h"

#include <string_view>
#include <utility>

namespace patchbay::frontend {
namespace {

// The words of the catalogue, which knows no tier that is not dearer or slower than the default.
inference::v1::Tier TierOf(std::string_view word) {
  if (word == "priority") return inference::v1::TIER_PRIORITY;
  if (word == "flex") return inference::v1::TIER_FLEX;
  if (word == "scale") return inference::v1::TIER_SCALE;
  return inference::v1::TIER_UNSPECIFIED;
}

void ApplyToCanonical(const GrantTerms& granted, const std::string& effort, inference::v1::GenerateRequest& request) {
  request.set_model(granted.model);
  if (effort != request.reasoning().effort()) request.mutable_reasoning()->set_effort(effort);
  if (!granted.service_tier.empty()) request.set_tier(TierOf(granted.service_tier));
}

// Ids go with the reasoning: a provider knows an item's id only together with the reasoning in front of it.
bool DropFromCanonical(inference::v1::GenerateRequest& request) {
  google::protobuf::RepeatedPtrField<inference::v1::Item> kept;
  for (auto& item : *request.mutable_items()) {
    if (item.has_reasoning()) continue;
    item.clear_id();
    kept.Add()->Swap(&item);
  }
  const bool any = kept.size() < request.items_size();
  request.mutable_items()->Swap(&kept);
  return any;
}

}  // namespace

Result<bool> GrantEdits::Apply(const GrantTerms& granted, Payload& payload) {
  const bool dropped = granted.without_sealed_reasoning && DropSealedReasoning(payload);
  // Another model than that of the attempt before may leave the request its own effort.
  const std::string& effort = granted.reasoning_effort.empty() ? own_effort_ : granted.reasoning_effort;
  if (auto* request = std::get_if<inference::v1::GenerateRequest>(&payload)) {
    ApplyToCanonical(granted, effort, *request);
    return dropped;
  }
  auto& raw = std::get<RawRequest>(payload);
  // What the body says already is not written again.
  GrantTerms wanted = granted;
  wanted.reasoning_effort = effort;
  if (wanted.reasoning_effort == said_.reasoning_effort) wanted.reasoning_effort.clear();
  if (wanted.service_tier == said_.service_tier) wanted.service_tier.clear();
  ASSIGN_OR_RETURN(raw.body, raw.dialect->WithTerms(std::move(raw.body), said_.model, wanted));
  said_.model = granted.model;
  if (!effort.empty()) said_.reasoning_effort = effort;
  if (!granted.service_tier.empty()) said_.service_tier = granted.service_tier;
  return dropped;
}

bool DropSealedReasoning(Payload& payload) {
  if (auto* request = std::get_if<inference::v1::GenerateRequest>(&payload)) return DropFromCanonical(*request);
  auto& raw = std::get<RawRequest>(payload);
  return raw.dialect->DropSealedReasoning(raw.body);
}

}  // namespace patchbay::frontend
