// The parts of a message's content and of a tool's output, canonical.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::openai_responses::translated {

using Parts = google::protobuf::RepeatedPtrField<inference::v1::Part>;

// A string, or an array of parts. What has no canonical form stays as it is, in an `Opaque`.
Result<void> DecodeContent(const JsonNode& content, Parts& out, std::vector<std::string>& ignored);

}  // namespace patchbay::frontend::openai_responses::translated
