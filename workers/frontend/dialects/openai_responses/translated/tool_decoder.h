// `tools` and `tool_choice`, canonical.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::openai_responses::translated {

// Adds to those that are there. A tool that only providers of this dialect have stays as it is, in an `Opaque`.
Result<void> DecodeTools(const JsonNode& tools, inference::v1::GenerateRequest& request,
                         std::vector<std::string>& ignored);

Result<void> DecodeToolChoice(const JsonNode& choice, inference::v1::GenerateRequest& request,
                              std::vector<std::string>& ignored);

}  // namespace patchbay::frontend::openai_responses::translated
