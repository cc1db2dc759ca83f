// Content blocks that hold something to read: text, images, documents, search results (client-protocols D.3).
#pragma once

#include "lib/base/result.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/tool_history.h"

namespace patchbay::frontend::anthropic {

// One block of that type; an unknown type is an error.
Result<void> DecodeContentBlock(const JsonNode& block, std::string_view type, ToolHistory::Parts& parts,
                                DecodedRequest& out);

// The content of a tool result: a string or blocks.
Result<void> DecodeContent(const JsonNode& content, ToolHistory::Parts& parts, DecodedRequest& out);

}  // namespace patchbay::frontend::anthropic
