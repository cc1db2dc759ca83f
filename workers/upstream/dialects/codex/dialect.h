// The Codex backend's dialect: the OpenAI Responses API as chatgpt.com/backend-api/codex speaks it.
#pragma once

#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::codex {

// Stateless; lives as long as the program.
const Dialect& CodexDialect();

}  // namespace patchbay::upstream::codex
