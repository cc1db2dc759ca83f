// Reasoning that a provider sealed, in a Responses body. Pure.
#pragma once

#include <string>

namespace patchbay::frontend::openai_responses {

// Whether there was any to leave out. Ids go with it: a provider knows an item's id only together with the reasoning in
// front of it. A compaction stays, for it is the conversation.
bool DropSealedReasoning(std::string& body);

}  // namespace patchbay::frontend::openai_responses
