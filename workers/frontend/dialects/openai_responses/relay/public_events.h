// The events of the public Responses API (client-protocols C.4, codex-wire §6).
//
// The backend says more than these: rate limits, metadata, keep-alives, and what it will invent. Its own client knows
// it all; the typed readers of everybody else abort at the first type that is not one of these.
#pragma once

#include <string_view>

namespace patchbay::frontend::openai_responses {

bool IsPublicEvent(std::string_view type);

}  // namespace patchbay::frontend::openai_responses
