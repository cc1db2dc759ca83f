#include "workers/accounts/models/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::accounts {
namespace {

TEST(Pattern, MatchesTheWholeText) {
  EXPECT_TRUE(Matches("gpt-5", "gpt-5"));
  EXPECT_FALSE(Matches("gpt-5", "gpt-5.5"));
  EXPECT_FALSE(Matches("gpt-5", "my-gpt-5"));
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("", "x"));
}

TEST(Pattern, HasAStarForAnyTextAlsoForNone) {
  EXPECT_TRUE(Matches("gpt-*", "gpt-5.5"));
  EXPECT_TRUE(Matches("gpt-*", "gpt-"));
  EXPECT_TRUE(Matches("*-mini", "gpt-5-mini"));
  EXPECT_TRUE(Matches("a*b*c", "a-b-b-c")) << "the first b may not be the one";
  EXPECT_FALSE(Matches("a*b*c", "a-b-c-d"));
  EXPECT_TRUE(Matches("**", ""));
}

TEST(Pattern, IsReadInBoundedTimeWhateverItIs) {
  std::string stars;
  for (int i = 0; i < 64; ++i) stars += "*a";
  EXPECT_FALSE(Matches(stars + "b", std::string(4096, 'a')));
}

}  // namespace
}  // namespace patchbay::accounts
