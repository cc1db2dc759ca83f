// Quota facts in the heads of hosts that follow OpenAI: x-ratelimit-{limit,remaining,reset}-{requests,tokens}
// (client-protocols B.5).
#pragma once

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

// Windows "requests" and "tokens", each where its limit and what is left of it are told. False when there is none.
bool ReadOpenAiLimits(const Headers& headers, WallTime now, inference::v1::RateLimits& limits);

}  // namespace patchbay::upstream
