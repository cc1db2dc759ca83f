#include "lib/net/http_message.h"

#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

TEST(HttpMessage, FindsTokensInLists) {
  EXPECT_TRUE(HasToken("keep-alive ,\tUpgrade", "upgrade"));
  EXPECT_FALSE(HasToken("upgrades", "upgrade"));
  EXPECT_FALSE(HasToken("", "x"));
}

}  // namespace
}  // namespace patchbay::net
