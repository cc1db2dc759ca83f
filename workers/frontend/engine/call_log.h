// The one record of a call, whichever door it came through.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "workers/frontend/call/call_spec.h"

namespace patchbay::frontend {

struct CallRecord {
  std::string_view request_id, client_key_id, dialect, model;
  std::string_view affinity;  // where its key came from
  int status = 0;             // as HTTP has it; 0 where there is none
  std::string_view problem;   // its kind; empty when there was none
  std::chrono::milliseconds took{0};
  std::size_t bytes = 0;  // that the client got
};

// At info, at the end of the call.
void LogCall(const CallRecord& record, const CallOutcome& outcome);

}  // namespace patchbay::frontend
