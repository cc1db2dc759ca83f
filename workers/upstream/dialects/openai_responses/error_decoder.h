// An error reply → facts and their cause (client-protocols B.5, providers §2 rule 10).
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::openai_responses {

// `body` may be cut; a cut JSON body gives the facts that stand before the cut.
inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now);

}  // namespace patchbay::upstream::openai_responses
