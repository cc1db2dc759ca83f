// What is written down of an HTTP request when it is over: one record of each.
#pragma once

#include <chrono>

#include "workers/frontend/http/request.h"

namespace patchbay::frontend {

// Calls at info (engine/call_log), everything else at debug. A socket that was opened has a record of its own.
void LogRequest(const Request& request, std::chrono::milliseconds took);

}  // namespace patchbay::frontend
