// Where clients of the Responses API call, and how they name their conversations. Pure.
#pragma once

#include <span>
#include <string_view>

#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/route.h"

namespace patchbay::frontend::openai_responses {

std::span<const RouteRow> Routes();

// As Dialect::SessionHeader (codex-wire §2.1, real-clients §7.1).
std::string_view SessionHeader(const HeaderLookup& header);

}  // namespace patchbay::frontend::openai_responses
