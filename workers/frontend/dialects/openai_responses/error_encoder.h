// A problem as the Responses API tells it: before the first byte an error object with its status, in
// the middle of a stream the `error` of a failed response.
#pragma once

#include <string>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses {

// A fault of the request that the provider explained in OpenAI's own shape passes as it came.
Answer EncodeError(const Problem& problem);

// {"code","message"}: `response.error`. The codes are those that clients act on (codex-wire §8.3).
std::string ResponseErrorJson(const Problem& problem);

}  // namespace patchbay::frontend::openai_responses
