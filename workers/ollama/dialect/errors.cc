#include "workers/ollama/dialect/errors.h"

#include <utility>

#include "lib/wire/json_writer.h"

namespace patchbay::ollama {

std::string EncodeError(std::string_view message) {
  std::string out;
  wire::JsonWriter(out).BeginObject().Key("error").String(message).EndObject();
  return out;
}

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kFailedPrecondition: return 400;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kPermissionDenied: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kAlreadyExists: return 409;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kResourceExhausted: return 429;
    case ErrorCode::kUnsupported: return 501;
    case ErrorCode::kProtocol: return 502;
    case ErrorCode::kCancelled:
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kDeadlineExceeded: return 504;
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

Error UnknownModel(std::string_view asked) {
  return Error(ErrorCode::kNotFound, std::string("model '").append(asked).append("' not found")).From(Origin::kClient);
}

Error DoesNotSupport(std::string_view asked, std::string_view what) {
  std::string text = "\"";
  text.append(asked).append("\" does not support ").append(what);
  return Error(ErrorCode::kInvalidArgument, std::move(text)).From(Origin::kClient);
}

}  // namespace patchbay::ollama
