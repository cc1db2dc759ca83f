// PATCHBAY_CHECK: what we promise ourselves. A failure is our bug and ends the process (exit by
// abort; the supervisor restarts it). Input, whoever sent it, is never checked this way.
#pragma once

namespace patchbay {
[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);
}

#define PATCHBAY_CHECK(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : ::patchbay::CheckFailed(#expression, __FILE__, __LINE__))
