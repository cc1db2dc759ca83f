#include "supervisor/child/exit.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace patchbay::supervisor {
namespace {

TEST(Exit, IsDescribedInWords) {
  EXPECT_EQ(Describe({.code = 0, .signal = 0}), "exit 0 (drained)");
  EXPECT_EQ(Describe({.code = 64, .signal = 0}), "exit 64 (usage or configuration)");
  EXPECT_EQ(Describe({.code = 75, .signal = 0}), "exit 75 (temporary)");
  EXPECT_EQ(Describe({.code = 9, .signal = 0}), "exit 9");
  EXPECT_EQ(Describe({.code = 0, .signal = SIGSEGV}), "killed by SIGSEGV");
}

TEST(Exit, IsARefusalWhenAPersonHasToMendSomething) {
  EXPECT_TRUE((Exit{.code = 64, .signal = 0}).refused());
  EXPECT_TRUE((Exit{.code = 78, .signal = 0}).refused());
  for (const int code : {0, 1, 70, 75, 127}) EXPECT_FALSE((Exit{.code = code, .signal = 0}).refused()) << code;
  EXPECT_FALSE((Exit{.code = 0, .signal = SIGKILL}).refused());
}

}  // namespace
}  // namespace patchbay::supervisor
