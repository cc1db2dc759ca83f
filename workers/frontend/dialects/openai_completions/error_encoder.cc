#include "workers/frontend/dialects/openai_completions/error_encoder.h"

#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_completions {

Answer EncodeError(const Problem& problem) { return OpenAiErrorAnswer(problem); }

}  // namespace patchbay::frontend::openai_completions
