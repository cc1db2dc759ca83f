#include "lib/base/exit.h"

namespace patchbay {

ExitCode ExitCodeFor(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument: return kExitUsage;
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupported: return kExitRefused;
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kCancelled: return kExitTemporary;
    case ErrorCode::kProtocol:  // when starting, the other side is a program of ours
    case ErrorCode::kInternal: return kExitBug;
  }
  return kExitBug;
}

std::string_view MeaningOfExit(int code) {
  switch (code) {
    case kExitDrained: return "drained";
    case kExitUsage: return "usage or configuration";
    case kExitBug: return "our bug";
    case kExitTemporary: return "temporary";
    case kExitRefused: return "refused: the operator's to mend";
    default: return {};
  }
}

}  // namespace patchbay
