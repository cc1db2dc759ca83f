// Tools, tool choice and output format of a Messages request (client-protocols D.4).
#pragma once

#include "lib/base/result.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::anthropic {

Result<void> DecodeTools(const JsonNode& tools, DecodedRequest& out);
Result<void> DecodeToolChoice(const JsonNode& choice, DecodedRequest& out);
// Once the tools are known as well: what the choice means for a hosted one.
Result<void> FinishToolChoice(const JsonNode& choice, DecodedRequest& out);
// {"type":"json_schema","schema"}: `output_config.format`, and `output_format` of older betas.
Result<void> DecodeOutputFormat(const JsonNode& format, DecodedRequest& out);

}  // namespace patchbay::frontend::anthropic
