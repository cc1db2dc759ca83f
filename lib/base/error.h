// Errors as values: what happened, and whose fault it is.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace patchbay {

enum class ErrorCode {
  kInvalidArgument,   // the input is wrong and will stay wrong
  kUnauthenticated,   // no or bad credential
  kPermissionDenied,  // a good credential that may not do this
  kNotFound,
  kAlreadyExists,
  kFailedPrecondition,  // right, but not now: the state of the system is against it
  kTooLarge,            // over a named bound
  kResourceExhausted,   // a quota, a slot, a queue
  kUnsupported,
  kUnavailable,  // the other side is away; trying again may work
  kDeadlineExceeded,
  kCancelled,
  kProtocol,  // the other side broke its protocol
  kInternal,  // our bug
};

// "invalid_argument", … for logs and machine-readable output.
std::string_view ToString(ErrorCode code);

enum class Origin { kClient, kGateway, kUpstream };

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // for a human; never holds a secret
  Origin origin = Origin::kGateway;
  // Where in the input: a JSON pointer, a header's name, "file:line". Empty when there is no such place.
  std::string where;

  Error(ErrorCode error_code, std::string text) : code(error_code), message(std::move(text)) {}

  Error&& From(Origin new_origin) && {
    origin = new_origin;
    return std::move(*this);
  }
  Error&& At(std::string place) && {
    where = std::move(place);
    return std::move(*this);
  }
};

}  // namespace patchbay
