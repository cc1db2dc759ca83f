#include "lib/rpc/status.h"

#include <utility>

namespace patchbay::rpc {
namespace {

constexpr std::pair<ErrorCode, grpc::StatusCode> kCodes[] = {
    {ErrorCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    {ErrorCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
    {ErrorCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    {ErrorCode::kNotFound, grpc::StatusCode::NOT_FOUND},
    {ErrorCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    {ErrorCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
    {ErrorCode::kTooLarge, grpc::StatusCode::OUT_OF_RANGE},
    {ErrorCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {ErrorCode::kUnsupported, grpc::StatusCode::UNIMPLEMENTED},
    {ErrorCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {ErrorCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {ErrorCode::kCancelled, grpc::StatusCode::CANCELLED},
    {ErrorCode::kProtocol, grpc::StatusCode::DATA_LOSS},
    {ErrorCode::kInternal, grpc::StatusCode::INTERNAL},
};

}  // namespace

grpc::Status ToStatus(const Error& error) {
  for (const auto& [ours, theirs] : kCodes) {
    if (ours == error.code) return grpc::Status(theirs, error.message);
  }
  return grpc::Status(grpc::StatusCode::INTERNAL, error.message);
}

Error FromStatus(const grpc::Status& status) {
  for (const auto& [ours, theirs] : kCodes) {
    if (theirs == status.error_code()) return Error(ours, status.error_message());
  }
  return Error(ErrorCode::kInternal, status.error_message());
}

}  // namespace patchbay::rpc
