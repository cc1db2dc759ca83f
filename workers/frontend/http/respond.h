// How every answer leaves that is not a stream.
#pragma once

#include "lib/async/asio.h"
#include "workers/frontend/call/answer.h"
#include "workers/frontend/http/request.h"

namespace patchbay::frontend {

Awaitable<void> Respond(Request& request, Answer answer);
// In the words of the route's dialect.
Awaitable<void> RespondProblem(Request& request, Problem problem);

}  // namespace patchbay::frontend
