// What an operator asks of single workers. `supervisor` outlives the calls; admin.proto says what each promises.
#pragma once

#include <chrono>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/result.h"

namespace patchbay::supervisor {

class Supervisor;

// A timeout of zero or less stands for the one that the configuration has. kNotFound: no such worker.
Awaitable<Result<void>> RestartWorker(Supervisor& supervisor, std::string name, std::chrono::milliseconds timeout);
Awaitable<Result<void>> DrainWorker(Supervisor& supervisor, std::string name, std::chrono::milliseconds timeout);
// `name` empty: all workers and the supervisor.
Result<void> SetLogLevel(Supervisor& supervisor, const std::string& name, const std::string& level);

}  // namespace patchbay::supervisor
