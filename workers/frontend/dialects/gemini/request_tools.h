// `tools` and `toolConfig` of a Gemini request (client-protocols E.3).
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"

namespace patchbay::frontend::gemini {

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out);
Result<void> DecodeToolConfig(const JsonNode& config, DecodedRequest& out);
void AppendToolFields(std::vector<std::string>& names);

}  // namespace patchbay::frontend::gemini
