#include "supervisor/child/exit.h"

#include <cstring>

#include "lib/base/exit.h"
#include "supervisor/child/child.h"

namespace patchbay::supervisor {

bool Exit::refused() const { return signal == 0 && (code == kExitUsage || code == kExitRefused); }

std::string Describe(const Exit& exit) {
  if (exit.signal != 0) {
    const char* name = sigabbrev_np(exit.signal);
    return "killed by " + (name == nullptr ? "signal " + std::to_string(exit.signal) : "SIG" + std::string(name));
  }
  const std::string code = "exit " + std::to_string(exit.code);
  switch (exit.code) {
    case 0: return code + " (drained)";
    case 64: return code + " (usage or configuration)";
    case 70: return code + " (our bug)";
    case 75: return code + " (temporary)";
    case kExitNotExecuted: return code + " (could not be executed)";
    default: return code;
  }
}

}  // namespace patchbay::supervisor
