#include "lib/base/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay {
namespace {

TEST(Pattern, MatchesTheWholeText) {
  EXPECT_TRUE(MatchesPattern("gpt-5", "gpt-5"));
  EXPECT_FALSE(MatchesPattern("gpt-5", "gpt-5.5"));
  EXPECT_FALSE(MatchesPattern("gpt-5", "my-gpt-5"));
  EXPECT_TRUE(MatchesPattern("", ""));
  EXPECT_FALSE(MatchesPattern("", "x"));
  EXPECT_FALSE(MatchesPattern("a*c", "abcd"));
}

TEST(Pattern, HasAStarForAnyTextAlsoForNone) {
  EXPECT_TRUE(MatchesPattern("gpt-*", "gpt-5.5"));
  EXPECT_TRUE(MatchesPattern("gpt-*", "gpt-"));
  EXPECT_TRUE(MatchesPattern("*-mini", "gpt-5-mini"));
  EXPECT_TRUE(MatchesPattern("a*b*c", "a-b-b-c")) << "the first b may not be the one";
  EXPECT_FALSE(MatchesPattern("a*b*c", "a-b-c-d"));
  EXPECT_TRUE(MatchesPattern("**", ""));
  EXPECT_TRUE(MatchesPattern("*ab", "aab"));
}

TEST(Pattern, IsReadInBoundedTimeWhateverItIs) {
  std::string stars;
  for (int i = 0; i < 64; ++i) stars += "*a";
  EXPECT_FALSE(MatchesPattern(stars + "b", std::string(4096, 'a')));
}

}  // namespace
}  // namespace patchbay
