// How `patchbay` ends, for scripts. The same numbers stand in --help and docs/cli.md.
#pragma once

#include "lib/base/error.h"
#include "lib/base/exit.h"

namespace patchbay::cli {

enum Exit : int {
  kOk = 0,
  kFailed = 1,                  // the gateway refused, or the answer is no
  kUsage = kExitUsage,          // the command line is wrong
  kNotRunning = 69,             // nobody listens on the admin socket
  kTemporary = kExitTemporary,  // it may work when tried again
};

// Marks the error that means kNotRunning.
inline constexpr const char* kAdminSocket = "admin.sock";

inline Exit ExitFor(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable: return error.where == kAdminSocket ? kNotRunning : kTemporary;
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kResourceExhausted: return kTemporary;
    case ErrorCode::kInvalidArgument: return error.origin == Origin::kClient ? kUsage : kFailed;
    default: return kFailed;
  }
}

// What was typed is wrong: exit 64.
inline Error UsageError(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient);
}

}  // namespace patchbay::cli
