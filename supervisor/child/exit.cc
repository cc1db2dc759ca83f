#include "supervisor/child/exit.h"

#include <cstring>
#include <string_view>

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
  const std::string_view meaning =
      exit.code == kExitNotExecuted ? std::string_view("could not be executed") : MeaningOfExit(exit.code);
  return meaning.empty() ? code : code + " (" + std::string(meaning) + ")";
}

}  // namespace patchbay::supervisor
