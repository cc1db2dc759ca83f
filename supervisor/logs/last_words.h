// Why a worker did not start, as it said itself.
#pragma once

#include <string>

#include "supervisor/logs/log_hub.h"

namespace patchbay::supervisor {

// The reason in the last "worker.start_failed" among the worker's recent records; empty when there is none.
std::string LastWords(const LogHub& logs, const std::string& worker);

}  // namespace patchbay::supervisor
