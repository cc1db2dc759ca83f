// The backends with rules of their own (backend.h), and what they see in a client's request. Pure.
#pragma once

#include <string_view>

#include "workers/frontend/dialects/openai_responses/backend.h"

namespace patchbay::frontend::openai_responses {

// Null for a provider that takes this dialect as it is.
const Backend* FindBackend(std::string_view provider_dialect);

ClientTraits TraitsOf(const HeaderLookup& header);
void LookAtMetadata(std::string_view client_metadata, ClientTraits& client);
// The client's headers that one of them may see, over HTTP and at a WebSocket's upgrade.
HeaderList HeadersForBackends(const HeaderLookup& header);
// As Backend::session_header.
std::string_view SessionHeaderOfBackends(const HeaderLookup& header);

// How the clients of all of them are told of quota (Backend).
HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now);
bool IsQuotaEvent(std::string_view type);
// What stands in for an event of that type.
std::string QuotaEventJson(std::string_view type, const accounts::v1::PoolQuota& pool, std::int64_t now);
// Whether it is in the text at all: a search is cheaper than a parse.
bool MentionsQuotaEvent(std::string_view text);

}  // namespace patchbay::frontend::openai_responses
