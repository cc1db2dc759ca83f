// The body of POST /api/chat → what it asks for (client-protocols §F.3). Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/ollama/dialect/asked.h"

namespace patchbay::ollama {

// An error is the client's, with the message for it.
Result<Asked> DecodeChat(std::string_view body);

// For tests: what the table of README.md has.
std::vector<std::string_view> ChatFields();

}  // namespace patchbay::ollama
