#include "lib/net/http_message.h"

#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

TEST(HttpMessage, ComparesWithoutRegardToCase) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "content-TYPE"));
  EXPECT_FALSE(EqualsIgnoreCase("Content-Type", "Content-Typ"));
  EXPECT_FALSE(EqualsIgnoreCase("a[", "a{"));  // they differ by the bit that makes a letter's case
}

TEST(HttpMessage, FindsTokensInLists) {
  EXPECT_TRUE(HasToken("keep-alive ,\tUpgrade", "upgrade"));
  EXPECT_FALSE(HasToken("upgrades", "upgrade"));
  EXPECT_FALSE(HasToken("", "x"));
}

}  // namespace
}  // namespace patchbay::net
