// The one table between our errors and gRPC's.
#pragma once

#include <grpcpp/support/status.h>

#include "lib/base/result.h"

namespace patchbay::rpc {

grpc::Status ToStatus(const Error& error);
// `status` must not be OK.
Error FromStatus(const grpc::Status& status);

inline grpc::Status ToStatus(const Result<void>& result) {
  return result.ok() ? grpc::Status::OK : ToStatus(result.error());
}

}  // namespace patchbay::rpc
