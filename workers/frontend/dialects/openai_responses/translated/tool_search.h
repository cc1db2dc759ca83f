// The client's own search for tools that it has not offered yet (codex-wire §3.3: `tool_search`, run by the client), as
// a function: other providers know nothing like it, and without it a model never finds the tools of the Codex CLI's MCP
// servers. What a search has found is offered from then on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/common/request/json_node.h"

namespace patchbay::frontend::openai_responses::translated {

inline constexpr std::string_view kToolSearch = "tool_search";
inline constexpr std::string_view kToolSearchCall = "tool_search_call", kToolSearchOutput = "tool_search_output";

// Whether the client runs the tool, the call or the output itself; what the provider runs is nothing for others.
Result<bool> IsRunByClient(const JsonNode& node);
// Of a request's `tools`, as text; false for what cannot be read.
bool OffersToolSearch(std::string_view tools);

Result<void> DecodeSearchTool(const JsonNode& tool, inference::v1::FunctionTool& out);
Result<inference::v1::ToolCall> DecodeSearchCall(const JsonNode& item);
// What the model is told that was found.
std::string TextOfFound(const JsonNode& tools);

// The call as an item; `input` are its arguments, an object.
std::string SearchCallJson(std::string_view id, std::string_view call_id, std::string_view status,
                           std::string_view input);

}  // namespace patchbay::frontend::openai_responses::translated
