// The causes that hosts following OpenAI tell in words, where they have no code for them or call everything an invalid
// request (providers §2 rule 10).
#pragma once

#include "patchbay/inference/v1/failure.pb.h"

namespace patchbay::upstream {

// Of a failure whose status, code, type and message are filled: by its code and type (openai_causes.h), else by its
// words.
inference::v1::Cause CauseOfFailure(const inference::v1::Failure& failure);

}  // namespace patchbay::upstream
