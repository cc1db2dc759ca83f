// Tools and tool choice → their wire form (codex-wire §3.3). Used by request_encoder.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/json_writer.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::upstream::responses {

// kInvalidArgument for a schema or options that are no JSON object. Names of what could not be said are added to
// `ignored`.
Result<void> WriteTool(wire::JsonWriter& json, const inference::v1::Tool& tool, std::vector<std::string>& ignored);
// Writes the member `tool_choice`.
void WriteToolChoice(wire::JsonWriter& json, const inference::v1::ToolChoice& choice);

}  // namespace patchbay::upstream::responses
