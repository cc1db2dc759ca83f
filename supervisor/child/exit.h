// How a process ended, and how that is said.
#pragma once

#include <string>

namespace patchbay::supervisor {

// How a process ended.
struct Exit {
  int code = 0;    // when it exited
  int signal = 0;  // when a signal ended it
  bool drained() const { return signal == 0 && code == 0; }
  // Its own word that another start would end the same way, until a person mends something.
  bool refused() const;
};

// "exit 70 (our bug)", "killed by SIGKILL".
std::string Describe(const Exit& exit);

}  // namespace patchbay::supervisor
