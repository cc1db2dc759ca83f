// Media inside a Gemini request: `inlineData` and `fileData`.
#pragma once

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/tool_history.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"

namespace patchbay::frontend::gemini {

// {"mimeType","data"}: images and files as data: URLs, text as text.
Result<void> DecodeInlineData(const JsonNode& blob, DecodedRequest& out, ToolHistory::Parts& parts);
// {"mimeType","fileUri"}: https: URLs, which are passed on and never fetched here.
Result<void> DecodeFileData(const JsonNode& file, DecodedRequest& out, ToolHistory::Parts& parts);

}  // namespace patchbay::frontend::gemini
