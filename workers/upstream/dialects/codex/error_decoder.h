// An error reply → facts (codex-wire §8), and what its words mean. Whose fault that is, accounts decides.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::codex {

// `body` may be cut; a cut JSON body gives the facts that stand before the cut.
inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now);

// What the backend's own words mean, of an error reply or an error event; codes first, then texts.
inference::v1::Cause CauseOf(const inference::v1::Failure& failure);

}  // namespace patchbay::upstream::codex
