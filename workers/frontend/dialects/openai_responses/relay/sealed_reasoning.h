// Reasoning in a Responses body that its provider cannot read. Pure.
#pragma once

#include <string>

namespace patchbay::frontend::openai_responses {

enum class Reasoning {
  kAny,        // sealed for another account, or by an older key: nobody knows which item
  kEnveloped,  // of a provider of another dialect, in an envelope of ours
};

// Whether there was any to leave out. Ids go with it: a provider knows an item's id only together with the reasoning in
// front of it (codex-wire §3.2).
bool DropReasoning(std::string& body, Reasoning which);

}  // namespace patchbay::frontend::openai_responses
