// Where an image or a file is: a `data:` URL in base64, or an `https:` one that is passed on and never fetched here.
#pragma once

#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend {

Result<std::string_view> ReadMediaUrl(const JsonNode& node);

}  // namespace patchbay::frontend
