// What a grant decided, written into a Responses body. Pure.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend::openai_responses {

// Only what the terms name is replaced or put in: byte for byte the same elsewhere, and unchanged when the body says it
// all already. `model` is what the body says now.
Result<std::string> WithTerms(std::string body, const std::string& model, const GrantTerms& terms);

}  // namespace patchbay::frontend::openai_responses
