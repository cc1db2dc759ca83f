#include "supervisor/child/exit.h"

#include <cstring>

#include "supervisor/child/child.h"

namespace patchbay::supervisor {

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
