// OpenAI's legacy Completions: POST /v1/completions.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_completions {

std::unique_ptr<Dialect> MakeDialect();

}  // namespace patchbay::frontend::openai_completions
