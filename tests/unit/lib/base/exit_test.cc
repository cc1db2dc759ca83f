#include "lib/base/exit.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

ExitCode For(ErrorCode code) { return ExitCodeFor(Error(code, "why")); }

TEST(ExitCode, IsUsageForAWrongCommandLineOrConfiguration) { EXPECT_EQ(For(ErrorCode::kInvalidArgument), kExitUsage); }

TEST(ExitCode, IsTheOperatorsForWhatStandsOnTheMachine) {
  for (const ErrorCode code : {ErrorCode::kFailedPrecondition, ErrorCode::kPermissionDenied, ErrorCode::kNotFound}) {
    EXPECT_EQ(For(code), kExitRefused) << ToString(code);
  }
}

TEST(ExitCode, IsTemporaryWhenTryingAgainMayWork) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded, ErrorCode::kResourceExhausted}) {
    EXPECT_EQ(For(code), kExitTemporary) << ToString(code);
  }
}

TEST(ExitCode, IsOurBugForAnInternalErrorOnly) {
  EXPECT_EQ(For(ErrorCode::kInternal), kExitBug);
  EXPECT_EQ(For(ErrorCode::kProtocol), kExitBug);
}

TEST(ExitCode, HasAMeaningThatAnOperatorCanRead) {
  EXPECT_EQ(MeaningOfExit(kExitBug), "our bug");
  EXPECT_EQ(MeaningOfExit(kExitRefused), "refused: the operator's to mend");
  EXPECT_EQ(MeaningOfExit(1), "");
}

}  // namespace
}  // namespace patchbay
