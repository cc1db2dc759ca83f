// `contents` and `systemInstruction` of a Gemini request (client-protocols E.2).
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"

namespace patchbay::frontend::gemini {

// Fills the items. Calls and results without ids are paired by name and order; results without a call and calls without
// a result are repaired, and the repair is reported.
Result<void> DecodeContents(const JsonNode& contents, DecodedRequest& out);
Result<void> DecodeSystemInstruction(const JsonNode& instruction, DecodedRequest& out);
void AppendContentFields(std::vector<std::string>& names);

}  // namespace patchbay::frontend::gemini
