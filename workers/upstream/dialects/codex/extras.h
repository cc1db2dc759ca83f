// What the backend says beyond the Responses protocol (codex-wire §6.4, §8).
#pragma once

#include "workers/upstream/dialects/common/responses/event_decoder.h"

namespace patchbay::upstream::codex {

// Lives as long as the program.
const responses::Extras& BackendExtras();

}  // namespace patchbay::upstream::codex
