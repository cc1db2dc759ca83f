// What a grant decided, written into the request: the provider's name of the model, the reasoning effort and service
// tier that the client's name of the model asked for, and whether sealed reasoning has to stay behind. Pure.
#pragma once

#include <string>
#include <utility>

#include "lib/base/result.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

// Edits one request, once per attempt.
class GrantEdits {
 public:
  // What the client's request says.
  explicit GrantEdits(std::string model, std::string reasoning_effort = {}) : own_effort_(std::move(reasoning_effort)) {
    said_.model = std::move(model);
    said_.reasoning_effort = own_effort_;
  }

  // The value says whether sealed reasoning was left out now.
  Result<bool> Apply(const GrantTerms& granted, Payload& payload);

 private:
  std::string own_effort_;
  GrantTerms said_;  // what a raw body says by now
};

// Reasoning that a provider sealed is readable for the account that made it alone. When a conversation has to go on
// without it, the words stay (codex-wire §8.2). Whether there was any to leave out.
bool DropSealedReasoning(Payload& payload);

}  // namespace patchbay::frontend
