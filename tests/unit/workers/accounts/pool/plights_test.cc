#include "workers/accounts/pool/plights.h"

#include <gtest/gtest.h>

#include <set>

#include "lib/time/time_text.h"

namespace patchbay::accounts {
namespace {

constexpr WallTime kSooner{std::chrono::seconds(1'790'000'000)};
constexpr WallTime kLater{std::chrono::seconds(1'790'003'600)};

TEST(Plights, SayNothingOfNoAccount) { EXPECT_EQ(Plights().Text(), ""); }

TEST(Plights, CountThoseThatAreAlikeAndSayWhenTheFirstIsOutOfIt) {
  Plights plights;
  plights.Add(Block::kBanned, std::nullopt);
  plights.Add(Block::kExhausted, kLater);
  plights.Add(Block::kExhausted, kSooner);
  plights.Add(Block::kExhausted, std::nullopt);
  EXPECT_EQ(plights.Text(), "3 exhausted, the first until " + Rfc3339(kSooner) + ", 1 banned")
      << "in the order in which people want to read them, whatever came first";
}

TEST(Plights, SayOfOneAccountUntilWhen) {
  Plights plights;
  plights.Add(Block::kThrottled, kSooner);
  EXPECT_EQ(plights.Text(), "1 rate limited until " + Rfc3339(kSooner));
}

TEST(Plights, LeaveOutWhatWouldNotDoForTheRequestAnyway) {
  Plights plights;
  for (const Block block : {Block::kOtherProvider, Block::kPinned, Block::kTags}) plights.Add(block, kSooner);
  EXPECT_EQ(plights.Text(), "");
}

TEST(Plights, HaveAWordOfItsOwnForEveryOther) {
  std::set<std::string> words;
  int blocks = 0;
  for (int number = 0; number <= static_cast<int>(Block::kSlots); ++number) {
    const auto block = static_cast<Block>(number);
    if (block == Block::kOtherProvider || block == Block::kPinned || block == Block::kTags) continue;
    ++blocks;
    Plights plights;
    plights.Add(block, std::nullopt);
    EXPECT_TRUE(plights.Text().starts_with("1 ")) << number;
    words.insert(plights.Text());
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(blocks));
}

}  // namespace
}  // namespace patchbay::accounts
