// Canonical request → the body of POST {base}/responses (codex-wire §3).
//
// The backend is narrower than the public Responses API: it wants store:false, stream:true, a list
// as input, no system role, object schemas with `properties`, and refuses sampling parameters.
// What it refuses is left out and named in `ignored`; README.md has the whole table.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::codex {

// Instructions may be anything but empty (codex-wire §3.1).
inline constexpr std::string_view kDefaultInstructions = "You are a helpful assistant.";

// The backend's word for a tier; empty for what absence means.
std::string_view TierName(inference::v1::Tier tier);

// kInvalidArgument when a piece of client JSON (a schema, tool options, an opaque item) is no JSON
// or no object where one is needed; `where` names the piece.
Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request, std::string_view session);

}  // namespace patchbay::upstream::codex
