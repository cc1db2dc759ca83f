// `tools`, `tool_choice` and `parallel_tool_calls`. Used by request_encoder.
#pragma once

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/openai_chat/message_encoder.h"
#include "workers/upstream/dialects/openai_chat/quirks.h"

namespace patchbay::upstream::openai_chat {

// Nothing at all for a request that offers no tools.
Result<void> WriteTools(wire::JsonWriter& json, const inference::v1::GenerateRequest& request, const Quirks& quirks,
                        Notes& notes);

}  // namespace patchbay::upstream::openai_chat
