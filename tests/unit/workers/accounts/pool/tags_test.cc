#include "workers/accounts/pool/tags.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using Tags = std::vector<std::string>;

TEST(Tags, AreWordsOfPlainCharacters) {
  EXPECT_TRUE(IsTag("team-a_1.x"));
  EXPECT_TRUE(IsTag(std::string(kTagBytesMax, 'a')));
  for (const std::string& text : {std::string(), std::string("a b"), std::string("a,b"), std::string("\xc3\xa9"),
                                  std::string(kTagBytesMax + 1, 'a')}) {
    EXPECT_FALSE(IsTag(text)) << text;
  }
}

TEST(Tags, AreSortedAndStandOnce) { EXPECT_EQ(Sorted({"b", "a", "b"}), (Tags{"a", "b"})); }

TEST(Tags, OneOfThoseWantedIsEnough) {
  EXPECT_TRUE(HasAny({"a", "b"}, {"c", "b"}));
  EXPECT_FALSE(HasAny({"a", "b"}, {"c"}));
  EXPECT_FALSE(HasAny({}, {"c"}));
  EXPECT_TRUE(HasAny({}, {})) << "nothing is wanted";
}

TEST(Tags, ComeBackFromTheirText) {
  for (const Tags& tags : {Tags{}, Tags{"a"}, Tags{"a", "b"}}) EXPECT_EQ(SplitTags(JoinTags(tags)), tags);
  EXPECT_EQ(SplitTags("  a  b "), (Tags{"a", "b"}));
}

}  // namespace
}  // namespace patchbay::accounts
