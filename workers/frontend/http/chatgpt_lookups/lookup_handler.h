// The lookups as handlers of requests.
#pragma once

#include <string_view>

#include "workers/frontend/http/request.h"

namespace patchbay::frontend {

class LookupHandler {
 public:
  Awaitable<void> Workspaces(Request& request);
  // The same for everybody.
  Awaitable<void> Fixed(Request& request, std::string_view json);
  // Asked without a key, so what it reads is bounded more tightly than the body of a call.
  Awaitable<void> ToolServer(Request& request);
};

}  // namespace patchbay::frontend
