// OpenAI's Embeddings: POST /v1/embeddings.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_embeddings {

std::unique_ptr<Dialect> MakeDialect();

}  // namespace patchbay::frontend::openai_embeddings
