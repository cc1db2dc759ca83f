// The facts of an error reply that every provider's dialect reads alike: what the body is, who it comes from, when to
// try again, and the error objects of the hosts that follow OpenAI, in all their spellings. What it means is the
// dialect's.
#pragma once

#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

// `body` may be cut; a cut JSON body gives the facts that stand before the cut. Neither cause nor body_dialect are set.
inference::v1::Failure ReadErrorReply(const ResponseHead& head, std::string_view body, WallTime now);

// Whether the body is whole and has the usual form, `{"error":{…}}`: in another object clients of OpenAI's dialects
// would not find their way.
bool HasErrorObject(std::string_view body);

// What stands behind "error": an object, or a text in its place. Members that are there fill the failure, others are
// left alone; a `code` that is a number is the provider's own status, where nothing has one yet.
void ReadErrorValue(std::string_view json, inference::v1::Failure& failure);

// "… Please try again in 11.054s." Fills retry_after if it is not yet set.
void ReadRetryInWords(inference::v1::Failure& failure);

}  // namespace patchbay::upstream
