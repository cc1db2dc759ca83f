// A problem as Messages tells it: {"type":"error","error":{"type","message"},"request_id"} (client-protocols D.7).
#pragma once

#include <string>
#include <string_view>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::anthropic {

// The whole answer: status, body and the headers that tell an SDK what to do next.
Answer EncodeError(const Problem& problem);

// A problem with this member tells the SDK that it has to send whole histories.
inline constexpr std::string_view kThreadField = "/thread";

// What is unsupported at the end of such a path is the name of a tool that nobody has defined; the SDKs have a class
// for it.
inline constexpr std::string_view kReferenceField = "/tool/name";

// The body, which is also the data of an `error` event.
void AppendError(const Problem& problem, std::string& out);

}  // namespace patchbay::frontend::anthropic
