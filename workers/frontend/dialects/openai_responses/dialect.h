// OpenAI Responses: POST /v1/responses, on the byte-transparent route.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses {

std::unique_ptr<Dialect> MakeDialect();
// POST /v1/responses/compact.
std::unique_ptr<Dialect> MakeCompactionDialect();

// The client's headers that the provider may see, over HTTP and at a WebSocket's upgrade.
HeaderList ForwardedHeaders(const std::function<std::string_view(std::string_view)>& header);

// Whether the client is the Codex CLI or a relative, by `originator` or `user-agent` (codex-wire §2.2).
bool IsCodexClient(std::string_view originator, std::string_view user_agent);

}  // namespace patchbay::frontend::openai_responses
