#include "lib/base/error.h"

#include <gtest/gtest.h>

#include <set>

namespace patchbay {
namespace {

TEST(Error, IsOursUntilItIsSaidOtherwise) {
  EXPECT_EQ(Error(ErrorCode::kNotFound, "gone").origin, Origin::kGateway);
  const Error error = Error(ErrorCode::kInvalidArgument, "wrong").From(Origin::kClient).At("/model");
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message, "wrong");
  EXPECT_EQ(error.origin, Origin::kClient);
  EXPECT_EQ(error.where, "/model");
}

TEST(ErrorCode, HasANameOfItsOwnEach) {
  std::set<std::string_view> names;
  int codes = 0;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code, ++codes) {
    names.insert(ToString(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(static_cast<int>(names.size()), codes);
}

}  // namespace
}  // namespace patchbay
