#include "lib/rpc/status.h"

#include <gtest/gtest.h>

#include <set>

namespace patchbay::rpc {
namespace {

constexpr ErrorCode kEveryCode[] = {
    ErrorCode::kInvalidArgument, ErrorCode::kUnauthenticated,   ErrorCode::kPermissionDenied,
    ErrorCode::kNotFound,        ErrorCode::kAlreadyExists,     ErrorCode::kFailedPrecondition,
    ErrorCode::kTooLarge,        ErrorCode::kResourceExhausted, ErrorCode::kUnsupported,
    ErrorCode::kUnavailable,     ErrorCode::kDeadlineExceeded,  ErrorCode::kCancelled,
    ErrorCode::kProtocol,        ErrorCode::kInternal};

TEST(Status, CarriesEveryErrorThereAndBack) {
  std::set<int> statuses;
  for (const ErrorCode code : kEveryCode) {
    const grpc::Status status = ToStatus(Error(code, "why"));
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(FromStatus(status).code, code) << ToString(code);
    EXPECT_EQ(FromStatus(status).message, "why");
    statuses.insert(status.error_code());
  }
  EXPECT_EQ(statuses.size(), std::size(kEveryCode)) << "no two are one to the peer";
}

TEST(Status, TakesWhatOnlyGrpcSaysForABug) {
  EXPECT_EQ(FromStatus(grpc::Status(grpc::StatusCode::UNKNOWN, "?")).code, ErrorCode::kInternal);
  EXPECT_EQ(FromStatus(grpc::Status(grpc::StatusCode::ABORTED, "?")).code, ErrorCode::kInternal);
}

TEST(Status, IsOkForWhatIsOk) {
  EXPECT_TRUE(ToStatus(Result<void>()).ok());
  EXPECT_EQ(ToStatus(Result<void>(Error(ErrorCode::kNotFound, ""))).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace patchbay::rpc
