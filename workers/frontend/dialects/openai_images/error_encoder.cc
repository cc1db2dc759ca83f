#include "workers/frontend/dialects/openai_images/error_encoder.h"

#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_images {

Answer EncodeError(const Problem& problem) { return OpenAiErrorAnswer(problem); }

}  // namespace patchbay::frontend::openai_images
