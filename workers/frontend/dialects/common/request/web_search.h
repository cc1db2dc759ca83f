// What the protocols that offer a search of the provider's own agree on.
#pragma once

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend {

// {"country","region","city","timezone"}, all optional. Other members are the caller's.
Result<void> ReadSearchLocation(const JsonNode& node, inference::v1::WebSearchTool::Location& location);

// An array of strings.
Result<void> ReadDomains(const JsonNode& node, google::protobuf::RepeatedPtrField<std::string>& domains);

}  // namespace patchbay::frontend
