// OpenAI's Images: POST /v1/images/generations and /v1/images/edits.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_images {

std::unique_ptr<Dialect> MakeGenerationsDialect();
std::unique_ptr<Dialect> MakeEditsDialect();

}  // namespace patchbay::frontend::openai_images
