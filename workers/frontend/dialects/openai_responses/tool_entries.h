// The `tools` of a plain SDK client, made acceptable to the Codex backend.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::frontend::openai_responses {

// The array anew, or unset when it is fine as it is: a function's schema is completed to an object schema with
// `properties`, and the older names of `web_search` become its name (codex-wire §3.3).
Result<std::optional<std::string>> NormalizeTools(std::string_view tools);

// The same for `tool_choice`, which names a tool by its type or lists some that are allowed.
std::optional<std::string> NormalizeToolChoice(std::string_view choice);

}  // namespace patchbay::frontend::openai_responses
