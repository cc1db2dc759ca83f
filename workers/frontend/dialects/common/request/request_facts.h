// What the engine and affinity want to know of a canonical request, whatever dialect it came in.
#pragma once

#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

// Sets the needs and the first turn.
void TakeFacts(const inference::v1::GenerateRequest& request, Call& call);

}  // namespace patchbay::frontend
