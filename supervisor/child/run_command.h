// Runs a program of the operator's to its end, with something on its standard input.
#pragma once

#include <chrono>
#include <string>

#include "lib/async/asio.h"
#include "supervisor/child/child.h"
#include "supervisor/logs/log_hub.h"

namespace patchbay::supervisor {

// What a pipe takes without a reader.
inline constexpr std::size_t kCommandInputBytes = 60 * 1024;

// What it writes is logged as `source`'s. After `limit` its process group is killed. The error says how it ended; OK is
// exit 0. `logs` outlives it.
Awaitable<Result<void>> RunCommand(asio::io_context& io, LogHub& logs, ChildRequest request, std::string input,
                                   LogSource source, std::chrono::milliseconds limit);

}  // namespace patchbay::supervisor
