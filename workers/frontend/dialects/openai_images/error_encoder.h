// A problem as the Images API tells it: OpenAI's error object and its status.
#pragma once

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_images {

Answer EncodeError(const Problem& problem);

}  // namespace patchbay::frontend::openai_images
