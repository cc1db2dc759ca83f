// The body of POST /api/generate → what it asks for (client-protocols §F.4). Pure.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/ollama/dialect/asked.h"

namespace patchbay::ollama {

// An error is the client's, with the message for it.
Result<Asked> DecodeGenerate(std::string_view body);

// For tests: what the table of README.md has.
std::vector<std::string_view> GenerateFields();

}  // namespace patchbay::ollama
