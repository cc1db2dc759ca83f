// What the engine and affinity want to know of a canonical request, whatever dialect it came in.
#pragma once

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// Sets the needs and the first turn of the conversation.
void TakeFacts(const inference::v1::GenerateRequest& request, Conversation& conversation);

}  // namespace patchbay::frontend
