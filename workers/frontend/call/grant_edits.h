// What a grant decided, put into effect on the request: which way it goes, the provider's name of the model, the
// reasoning effort and service tier that the client's name of the model asked for, and whether sealed reasoning has to
// stay behind. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "workers/frontend/call/affinity.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

// Prepares one request, once per attempt: a later one may go another way.
class GrantEdits {
 public:
  explicit GrantEdits(const Payload& payload)
      : asked_effort_(payload.effort()),
        asked_budget_(payload.thinking_budget()),
        own_reasoning_(payload.canonical ? payload.canonical->reasoning() : inference::v1::Reasoning()),
        own_tier_(payload.canonical ? payload.canonical->tier() : inference::v1::TIER_UNSPECIFIED) {}

  // On the canonical way the payload's request is what goes out. `affinity` is shown to its provider.
  Result<CallRoute> Apply(const GrantTerms& granted, const Affinity& affinity, Payload& payload);

 private:
  Result<CallRoute> Relay(const GrantTerms& granted, const Payload& payload) const;
  Result<CallRoute> Translate(const GrantTerms& granted, const Affinity& affinity, Payload& payload);

  void Think(const GrantTerms& granted, inference::v1::GenerateRequest& request) const;
  std::string FittedEffort() const;

  std::string asked_effort_;  // of accounts, which granted by it
  std::optional<std::int64_t> asked_budget_;
  inference::v1::Reasoning own_reasoning_;
  inference::v1::Tier own_tier_;
  TranslatedRequest losses_;     // without the request: what translating cost
  bool without_sealed_ = false;  // once it had to stay behind, no later attempt shows it
  bool left_out_ = false;        // of the canonical form
};

// Reasoning that a provider sealed is readable for the account that made it alone. When a conversation has to go on
// without it, the words stay (codex-wire §8.2). Whether there was any to leave out.
bool DropSealedReasoning(inference::v1::GenerateRequest& request);

}  // namespace patchbay::frontend
