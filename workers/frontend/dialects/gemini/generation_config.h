// `generationConfig` of a Gemini request (client-protocols E.4).
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"

namespace patchbay::frontend::gemini {

Result<void> DecodeGenerationConfig(const JsonNode& config, DecodedRequest& out);
void AppendConfigFields(std::vector<std::string>& names);

}  // namespace patchbay::frontend::gemini
