#include "workers/upstream/dialects/common/identifiers.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

constexpr IdentifierRule kWords{.alphabet = Alphabet::kWord, .bytes_max = 64};

TEST(Identifiers, StayWhereTheyFit) {
  EXPECT_EQ(MadeToFit("mcp__fs__read-file", kWords), "mcp__fs__read-file");
  EXPECT_EQ(MadeToFit("любой", {}), "любой");
}

TEST(Identifiers, AreCutTheSameInEveryTurnAndStayTwo) {
  const std::string one = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_one";
  const std::string two = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_two";
  EXPECT_EQ(MadeToFit(one, kWords), "mcp__a_server_with_a_rather_long_name__and_a_to_7a570f61481496f8");
  EXPECT_EQ(MadeToFit(one, kWords).size(), 64u);
  EXPECT_NE(MadeToFit(one, kWords), MadeToFit(two, kWords));
}

TEST(Identifiers, LoseTheCharactersThatTheyMayNotHave) {
  const std::string dotted = MadeToFit("get.weather:now", kWords);
  EXPECT_TRUE(Fits(dotted, kWords));
  EXPECT_EQ(dotted.substr(0, 16), "get_weather_now_");
  EXPECT_NE(dotted, MadeToFit("get:weather.now", kWords));
}

TEST(Identifiers, AreCutBetweenCharacters) {
  constexpr IdentifierRule kShort{.bytes_max = 20};
  EXPECT_EQ(MadeToFit("aéé and a good deal more", kShort).substr(0, 4), "aé_");
  EXPECT_EQ(MadeToFit("aaéé and a good deal more", kShort).substr(0, 3), "aa_");
}

// Mistral's ids (providers §1 rule 8).
TEST(Identifiers, MayHaveOneLengthOnly) {
  constexpr IdentifierRule kNine{.alphabet = Alphabet::kAlphanumeric, .bytes_min = 9, .bytes_max = 9};
  EXPECT_EQ(MadeToFit("abcdefghi", kNine), "abcdefghi");
  for (const char* id : {"call_1", "", "call_0123456789", "abcdefgh_"}) {
    EXPECT_TRUE(Fits(MadeToFit(id, kNine), kNine)) << id << " → " << MadeToFit(id, kNine);
  }
}

}  // namespace
}  // namespace patchbay::upstream
