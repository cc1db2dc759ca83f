// Canonical request → the body of POST {base}/chat/completions (client-protocols B.1, providers §2).
//
// Hosts of this API agree on a core and quarrel about the rest: what a host's quirks do not name is not sent, but named
// in `ignored`; README.md has the whole table. The answer is always streamed.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_chat/quirks.h"

namespace patchbay::upstream::openai_chat {

// kInvalidArgument when a piece of client JSON (a schema, an opaque field) is no JSON or no object where one is needed;
// `where` names the piece.
Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request, const Quirks& quirks,
                                     std::string_view session);

}  // namespace patchbay::upstream::openai_chat
