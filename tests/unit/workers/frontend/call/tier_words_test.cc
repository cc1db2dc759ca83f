#include "workers/frontend/call/tier_words.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

TEST(TierWords, AreThoseOfTheCatalogueInBothDirections) {
  for (const std::string_view word : {"priority", "flex", "scale"}) EXPECT_EQ(TierWord(TierFromWord(word)), word);
}

TEST(TierWords, HaveNoneForTheDefaultHoweverItIsAskedFor) {
  for (const auto tier : {inference::v1::TIER_UNSPECIFIED, inference::v1::TIER_AUTO, inference::v1::TIER_STANDARD}) {
    EXPECT_EQ(TierWord(tier), "");
  }
  EXPECT_EQ(TierFromWord("turbo"), inference::v1::TIER_UNSPECIFIED);
}

TEST(TierWords, OfClientsAreThoseOfTheCatalogueWhereItHasThem) {
  EXPECT_EQ(TierWordOf("fast"), "priority");
  EXPECT_EQ(TierWordOf("flex"), "flex");
  for (const char* usual : {"", "auto", "default", "standard"}) EXPECT_EQ(TierWordOf(usual), "") << usual;
  EXPECT_EQ(TierWordOf("turbo"), "turbo") << "it is no default: a key's terms look at it";
}

}  // namespace
}  // namespace patchbay::frontend
