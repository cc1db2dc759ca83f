// Responses bodies on the byte-transparent route.
#pragma once

#include "workers/frontend/call/call.h"

namespace patchbay::frontend::openai_responses {

const RawDialect& RawResponses();

}  // namespace patchbay::frontend::openai_responses
