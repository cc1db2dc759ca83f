// Starts a process that has exactly what it was given: stdin is its input or /dev/null, stdout and stderr are one pipe,
// the listening sockets are 3, 4, … in order, and there is nothing else.
//
// The child leads a process group of its own, so that a terminal's Ctrl-C reaches only the supervisor. It can gain no
// privileges, dumps no core, and may open as many files as the system allows. When the supervisor dies it gets SIGTERM,
// and not SIGKILL: that means drain, and in-flight streams shall end well (README.md, "What survives what").
// Call from the main thread: the kernel sends that signal when the *thread* that forked ends.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace patchbay::supervisor {

struct ChildRequest {
  std::filesystem::path executable;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<int> listeners;            // become 3, 4, …
  int output = -1;                       // becomes 1 and 2
  int input = -1;                        // becomes 0; without one that is /dev/null
};

// What a child that could not be executed exits with; it says why on its output.
inline constexpr int kExitNotExecuted = 127;

// The process id. kUnavailable: the system has no process or memory left.
Result<pid_t> StartChild(const ChildRequest& request);

}  // namespace patchbay::supervisor
