// Canonical request → the body of POST {base}/responses (client-protocols C.2).
//
// What it shares with other providers of that protocol is in common/responses; README.md has the whole table. The
// answer is always streamed, and nothing is stored.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_responses/quirks.h"

namespace patchbay::upstream::openai_responses {

// The API takes no smaller cap.
inline constexpr std::int64_t kMinOutputTokens = 16;

// kInvalidArgument when a piece of client JSON is no JSON or no object where one is needed; `where` names the piece.
Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request, const Quirks& quirks,
                                     std::string_view session);

}  // namespace patchbay::upstream::openai_responses
