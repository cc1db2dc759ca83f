// What the error codes of OpenAI's protocols mean (codex-wire §8.2, §8.3; the public enumeration of
// `response.error.code`). For the providers' dialects that speak one of them: nobody else reads a provider's code.
#pragma once

#include "patchbay/inference/v1/failure.pb.h"

namespace patchbay::upstream {

// By `code`, else by `type`; CAUSE_UNSPECIFIED when neither is known. Of a failure whose stage, status and words are
// filled.
inference::v1::Cause OpenAiCauseOf(const inference::v1::Failure& failure);

}  // namespace patchbay::upstream
