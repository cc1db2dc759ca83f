// OpenAI Responses: POST /v1/responses and what belongs to it.
#pragma once

#include <memory>
#include <vector>

#include "lib/base/clock.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses {

// POST /v1/responses with the answers that are kept of it, and POST /v1/responses/compact, which may go on from them.
// `clock` outlives them.
std::vector<std::unique_ptr<Dialect>> MakeDialects(const Clock& clock);

}  // namespace patchbay::frontend::openai_responses
