// How a program of ours ends, for whoever started it: the supervisor, systemd, a script. sysexits(3) where it has a
// word.
#pragma once

#include <string_view>

#include "lib/base/error.h"

namespace patchbay {

enum ExitCode : int {
  kExitDrained = 0,     // everything asked for is done
  kExitUsage = 64,      // the command line or the configuration is wrong
  kExitBug = 70,        // ours to mend
  kExitTemporary = 75,  // it may work when tried again
  kExitRefused = 78,    // what stands on this machine is the operator's to mend: a damaged database, an unreadable key
};

// The exit code of a program that cannot start because of `error`.
ExitCode ExitCodeFor(const Error& error);

// "usage or configuration", "our bug", …; empty for a code that is none of ours.
std::string_view MeaningOfExit(int code);

}  // namespace patchbay
