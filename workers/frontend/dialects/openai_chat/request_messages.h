// The `messages` part of a Chat Completions request (client-protocols B.2).
#pragma once

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"

namespace patchbay::frontend::openai_chat {

// Fills instructions and items. System and developer messages at the start become the instructions,
// later ones stay where they are. Tool results without a call and calls without a result are
// repaired, and the repair is reported: providers refuse both.
Result<void> DecodeMessages(const JsonNode& messages, DecodedRequest& out);

}  // namespace patchbay::frontend::openai_chat
