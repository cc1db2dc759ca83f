// What is asked of the gateway itself: whether it lives, whether it could serve, and how it may be called.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "workers/frontend/http/request.h"

namespace patchbay::frontend {

// Why this frontend could not serve a request now; empty when it could.
using Readiness = std::function<Awaitable<std::vector<std::string>>()>;

class ProbeHandler {
 public:
  explicit ProbeHandler(Readiness readiness) : readiness_(std::move(readiness)) {}

  Awaitable<void> Health(Request& request);
  Awaitable<void> Ready(Request& request);
  Awaitable<void> Root(Request& request);
  // A preflight. Whether the origin may call was decided by the guard; without an origin it is a question about
  // methods.
  Awaitable<void> Preflight(Request& request);

 private:
  Readiness readiness_;
};

}  // namespace patchbay::frontend
