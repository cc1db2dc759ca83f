// A problem as legacy Completions tells it: OpenAI's error object and its status.
#pragma once

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_completions {

Answer EncodeError(const Problem& problem);

}  // namespace patchbay::frontend::openai_completions
