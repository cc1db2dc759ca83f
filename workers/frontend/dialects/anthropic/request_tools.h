// Tools, tool choice and output format of a Messages request (client-protocols D.4).
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::anthropic {

inline constexpr std::string_view kToolAddition = "tool_addition";
inline constexpr std::string_view kToolRemoval = "tool_removal";

// Into `out.tools`, which the messages may still change.
Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out);
// A block among the messages, of one of the two types above.
Result<void> DecodeToolChange(const JsonNode& block, std::string_view type, DecodedRequest& out);
Result<void> DecodeToolChoice(const JsonNode& choice, DecodedRequest& out);
// Once everything else of the body is read: `out.tools` into the request, with the choice among them.
Result<void> FinishTools(const JsonNode& root, DecodedRequest& out);
// {"type":"json_schema","schema"}: `output_config.format`, and `output_format` of older betas.
Result<void> DecodeOutputFormat(const JsonNode& format, DecodedRequest& out);

}  // namespace patchbay::frontend::anthropic
