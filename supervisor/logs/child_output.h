// What a child writes, on its way to the one log stream.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "lib/async/asio.h"
#include "supervisor/logs/log_hub.h"

namespace patchbay::supervisor {

// Reads until every copy of the pipe's other end is closed, which may be after the child's end. `logs` outlives it.
Awaitable<void> ReadOutput(asio::posix::stream_descriptor pipe, LogHub& logs, LogSource source);

}  // namespace patchbay::supervisor
