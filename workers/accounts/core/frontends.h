// A frontend is a generation of a worker; which of them live the supervisor knows. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workers/accounts/pool/events.h"

namespace patchbay::accounts {

// A worker's processes, as worker.v1.Alive tells them.
struct LivingWorker {
  std::string name;
  std::int64_t newest_generation = 0;  // that was ever started
  std::vector<std::int64_t> generations;
};

FrontendId FrontendOf(std::string_view worker, std::int64_t generation);

// True when its process has ended for certain. False for a worker that is not told of, and for a generation that may
// have begun since.
bool HasEnded(const FrontendId& frontend, const std::vector<LivingWorker>& living);

}  // namespace patchbay::accounts
