// Tools, tool choice and output format of a Chat Completions request (client-protocols B.1).
#pragma once

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"

namespace patchbay::frontend::openai_chat {

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out);
Result<void> DecodeToolChoice(const JsonNode& choice, DecodedRequest& out);
// The deprecated `functions` and `function_call`.
Result<void> DecodeFunctions(const JsonNode& functions, DecodedRequest& out);
Result<void> DecodeFunctionCall(const JsonNode& choice, DecodedRequest& out);
// `web_search_options` is a tool in every provider's own API.
Result<void> DecodeWebSearch(const JsonNode& options, DecodedRequest& out);
Result<void> DecodeResponseFormat(const JsonNode& format, DecodedRequest& out);

}  // namespace patchbay::frontend::openai_chat
