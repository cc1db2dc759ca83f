// The content of a message or of a tool's result: a string or parts (client-protocols B.2).
//
// Beside its own parts it takes those of the Responses API and of Anthropic's, which Cursor sends here for models by
// these names, and parts that say what they are by their members alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::openai_chat {

using Parts = google::protobuf::RepeatedPtrField<inference::v1::Part>;

enum class Speaker { kOperator, kUser, kAssistant, kTool };

// What a part is: by its `type`, else by the one member that only such a part has.
Result<std::string_view> TypeOfPart(const JsonNode& part);

Result<void> DecodePart(const JsonNode& part, Speaker speaker, Parts& out, std::vector<std::string>& ignored);

// A string or an array of parts.
Result<void> DecodeContent(const JsonNode& content, Speaker speaker, Parts& out, std::vector<std::string>& ignored);

}  // namespace patchbay::frontend::openai_chat
