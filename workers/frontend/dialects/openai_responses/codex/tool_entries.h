// The `tools` of a plain SDK client, made acceptable to the Codex backend.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::frontend::openai_responses::codex {

// The array anew, or unset when it is fine as it is: a function's schema is mended (lib/schema/tool_schema.h), and the
// older names of `web_search` become its name (codex-wire §3.3). A schema that says less than it did is named in
// `repaired`.
Result<std::optional<std::string>> NormalizeTools(std::string_view tools, std::vector<std::string>& repaired);

// The same for `tool_choice`, which names a tool by its type or lists some that are allowed.
std::optional<std::string> NormalizeToolChoice(std::string_view choice);

}  // namespace patchbay::frontend::openai_responses::codex
