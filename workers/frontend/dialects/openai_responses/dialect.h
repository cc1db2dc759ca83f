// OpenAI Responses: POST /v1/responses, on the byte-transparent route.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses {

std::unique_ptr<Dialect> MakeDialect();
// POST /v1/responses/compact.
std::unique_ptr<Dialect> MakeCompactionDialect();

}  // namespace patchbay::frontend::openai_responses
