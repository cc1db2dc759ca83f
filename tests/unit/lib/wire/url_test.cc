#include "lib/wire/url.h"

#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

TEST(PercentDecode, KeepsWhatIsNoEscape) {
  EXPECT_EQ(PercentDecode("a%2Fb%3ac"), "a/b:c");
  EXPECT_EQ(PercentDecode("%zz%2"), "%zz%2");
}

TEST(QueryValue, FindsTheFirstOfThatName) {
  EXPECT_EQ(QueryValue("alt=sse&key=a&key=b", "key"), "a");
  EXPECT_EQ(QueryValue("%61lt=s%73e", "alt"), "sse");
  EXPECT_EQ(QueryValue("q=a+b%2Bc", "q"), "a b+c");
}

TEST(QueryValue, IsEmptyWithoutOne) {
  for (const char* query : {"", "&&", "keys=x", "key", "key=", "=key", "alt=key"}) {
    EXPECT_EQ(QueryValue(query, "key"), "") << query;
  }
}

}  // namespace
}  // namespace patchbay::wire
