// The `system` and `messages` parts of a Messages request (client-protocols D.2, D.3).
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::anthropic {

// Of the whole request, or of a message between the turns.
Result<std::string_view> ReadEffort(const JsonNode& effort);

// A string or text blocks → the instructions.
Result<void> DecodeSystem(const JsonNode& system, DecodedRequest& out);

// Fills the items. Tool results without a call and calls without a result are repaired, and the repair is reported.
Result<void> DecodeMessages(const JsonNode& messages, DecodedRequest& out);

// Once the items are filled: a last message of the assistant's is the beginning of the answer.
Result<void> LookAtTheEnd(const JsonNode& messages, DecodedRequest& out);

}  // namespace patchbay::frontend::anthropic
