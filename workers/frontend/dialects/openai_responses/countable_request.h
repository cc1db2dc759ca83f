// A Responses body in the canonical form, as far as its tokens matter: the byte-transparent route has no other use for
// it.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend::openai_responses {

// `body` as it would go out. What is not modelled counts as its own JSON text.
Result<inference::v1::GenerateRequest> CountableRequest(std::string_view body);

}  // namespace patchbay::frontend::openai_responses
