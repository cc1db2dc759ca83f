// An error reply → facts (codex-wire §8). What the facts mean is for accounts to decide.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::codex {

// `body` may be cut; a cut JSON body gives the facts that stand before the cut.
inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now);

}  // namespace patchbay::upstream::codex
