#include "workers/frontend/call/grant_edits.h"

#include <utility>

#include "lib/base/text.h"
#include "workers/frontend/call/tier_words.h"

namespace patchbay::frontend {
namespace {

constexpr std::size_t kToldBytes = 64;  // of what the client sent

}  // namespace

Result<CallRoute> GrantEdits::Apply(const GrantTerms& granted, const Affinity& affinity, Payload& payload) {
  without_sealed_ = without_sealed_ || granted.without_sealed_reasoning;
  // Whoever asked for nothing but a relay was granted one.
  const bool relay = payload.bytes != nullptr && (granted.relay || payload.needs_relay);
  ASSIGN_OR_RETURN(CallRoute route, relay ? Relay(granted, payload) : Translate(granted, affinity, payload));
  route.relay = relay;
  route.provider_dialect = granted.provider_dialect;
  // What it became is the attempt's: another model may take it as it is.
  if (granted.fallback) route.repaired.emplace_back("budget_fallback");
  if (granted.effort_fitted) route.repaired.push_back(FittedEffort());
  return route;
}

Result<CallRoute> GrantEdits::Relay(const GrantTerms& granted, const Payload& payload) const {
  CallRoute route;
  GrantTerms wanted = granted;
  wanted.without_sealed_reasoning = without_sealed_;
  ASSIGN_OR_RETURN(route.relayed, payload.bytes->Relayed(wanted));
  route.ignored = std::move(route.relayed.ignored);
  route.repaired = std::move(route.relayed.repaired);
  return route;
}

Result<CallRoute> GrantEdits::Translate(const GrantTerms& granted, const Affinity& affinity, Payload& payload) {
  if (!payload.canonical) {
    ASSIGN_OR_RETURN(losses_, payload.bytes->Translated());
    payload.canonical = std::move(losses_.request);
    own_reasoning_ = payload.canonical->reasoning();
    own_tier_ = payload.canonical->tier();
  }
  inference::v1::GenerateRequest& request = *payload.canonical;
  ShowSession(affinity, request);
  request.set_model(granted.model);
  Think(granted, request);
  request.set_tier(granted.service_tier.empty() ? own_tier_ : TierFromWord(granted.service_tier));
  if (without_sealed_ && DropSealedReasoning(request)) left_out_ = true;
  CallRoute route;
  route.ignored = losses_.ignored;
  route.repaired = losses_.repaired;
  if (left_out_) route.repaired.emplace_back("sealed_reasoning");
  return route;
}

// Another model than that of the attempt before may leave the request its own effort. A word that was granted instead
// stands for a number of tokens, too.
void GrantEdits::Think(const GrantTerms& granted, inference::v1::GenerateRequest& request) const {
  std::string effort = own_reasoning_.effort();
  auto budget = own_reasoning_.has_budget_tokens() ? std::optional(own_reasoning_.budget_tokens()) : std::nullopt;
  if (!granted.reasoning_effort.empty() && granted.reasoning_effort != asked_effort_) {
    effort = granted.reasoning_effort;
    budget.reset();
  }
  if (effort.empty() && !budget && !request.has_reasoning()) return;
  inference::v1::Reasoning& reasoning = *request.mutable_reasoning();
  reasoning.set_effort(std::move(effort));
  reasoning.clear_budget_tokens();
  if (budget) reasoning.set_budget_tokens(*budget);
}

// What the request asked for, for the client; nothing behind it where the request left it to the model, or to its name.
std::string GrantEdits::FittedEffort() const {
  if (!asked_effort_.empty()) return "reasoning_effort:" + Printable(asked_effort_, kToldBytes);
  return asked_budget_ ? "reasoning_effort:" + std::to_string(*asked_budget_) : "reasoning_effort";
}

// Ids go with the reasoning: a provider knows an item's id only together with the reasoning in front of it.
bool DropSealedReasoning(inference::v1::GenerateRequest& request) {
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

}  // namespace patchbay::frontend
