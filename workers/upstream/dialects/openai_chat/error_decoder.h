// An error reply, or an error inside a stream, → facts and their cause (client-protocols B.5, providers §2 rule 10).
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream::openai_chat {

inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now);

// What can be told once status, code, type and message are there: when to try again, and the cause.
void CompleteFailure(inference::v1::Failure& failure);

}  // namespace patchbay::upstream::openai_chat
