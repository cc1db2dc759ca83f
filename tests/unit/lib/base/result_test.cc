#include "lib/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace patchbay {
namespace {

Result<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return Error(ErrorCode::kInvalidArgument, "odd").At("/number");
  return std::make_unique<int>(number / 2);
}

Result<int> Quarter(int number) {
  ASSIGN_OR_RETURN(const auto half, Half(number));
  ASSIGN_OR_RETURN(const auto quarter, Half(*half));
  return *quarter;
}

TEST(Result, CarriesMoveOnlyValues) { EXPECT_EQ(**Half(4), 2); }

TEST(Result, PassesTheFirstErrorUp) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(3).error().where, "/number");
  EXPECT_EQ(Quarter(6).error().message, "odd");
}

TEST(ResultDeathTest, StopsTheProcessWhenAValueIsTakenFromAnError) {
  EXPECT_DEATH((void)Half(3).value(), "CHECK failed");
}

}  // namespace
}  // namespace patchbay
