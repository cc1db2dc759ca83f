// Where clients of the Responses API call, and how they are known. Most of it is one client's: it takes whatever
// base URL it is given for the ChatGPT backend's (codex-key-plugin §1), and asks other things there besides. Pure.
#pragma once

#include <span>
#include <string_view>

#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/route.h"

namespace patchbay::frontend::openai_responses {

std::span<const RouteRow> Routes();

// Where clients with the ChatGPT backend's base URL send the same things.
std::span<const std::string_view> BackendBases();

// As Dialect::SessionHeader (codex-wire §2.1, real-clients §7.1).
std::string_view SessionHeader(const HeaderLookup& header);

}  // namespace patchbay::frontend::openai_responses
