#include "lib/base/check.h"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(CheckDeathTest, EndsTheProcessAndNamesTheExpression) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const int one = 1;
  EXPECT_DEATH(PATCHBAY_CHECK(one == 2), "CHECK failed: one == 2 at .*check_test.cc");
}

TEST(Check, LetsATruthPass) { PATCHBAY_CHECK(1 + 1 == 2); }

}  // namespace
}  // namespace patchbay
