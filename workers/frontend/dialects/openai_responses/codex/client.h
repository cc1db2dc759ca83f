// Who is the Codex CLI or one of its relatives, and what of its headers the provider may see. Decided here and nowhere
// else: such a client knows what the backend takes, so its requests pass untouched and it gets every byte of the
// answer. Pure.
#pragma once

#include <string_view>

#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"

namespace patchbay::frontend::openai_responses::codex {

// The form of a request that has its instructions and tools inside `input` (codex-wire §3.3) is marked as such: over
// HTTP by this header, over WebSocket by this member of each message's `client_metadata` (real-clients §7.1).
inline constexpr std::string_view kLiteHeader = "x-openai-internal-codex-responses-lite";
inline constexpr std::string_view kLiteMember = "ws_request_header_x_openai_internal_codex_responses_lite";

// By the originator or user agent, whose first word begins with the program's name in any spelling ("codex_cli_rs",
// "codex-tui", "Codex Desktop": codex-wire §2.2), else by a header that nobody else has a use for: programs that embed
// it are originators of their own name.
bool IsCodexClient(const HeaderLookup& header);

// `client_metadata` is the member's JSON text.
bool HasLiteMember(std::string_view client_metadata);

// As Backend has them. Whoever marks a body lite is Codex, whatever its headers say.
void LookAtHead(const HeaderLookup& header, ClientTraits& client);
void LookAtMetadata(std::string_view client_metadata, ClientTraits& client);
std::string_view SessionHeader(const HeaderLookup& header);
HeaderList ForwardedHeaders(const HeaderLookup& header);
HeaderList HeadersFor(const DecodedRequest& request, HeaderList of_client);

}  // namespace patchbay::frontend::openai_responses::codex
