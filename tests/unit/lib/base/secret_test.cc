#include "lib/base/secret.h"

#include <gtest/gtest.h>

#include <sstream>

namespace patchbay {
namespace {

TEST(Secret, PrintsAsRedacted) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "‹redacted›");
}

TEST(Secret, IsEmptyAfterAMove) {
  Secret first("hunter2");
  const Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT: the moved-from state is the point
  EXPECT_EQ(second.Reveal(), "hunter2");
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "ab"));
  EXPECT_TRUE(ConstantTimeEqual("", ""));
}

}  // namespace
}  // namespace patchbay
