#include "workers/accounts/providers/codex/reset_credits_reply.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

constexpr WallTime kReadAt{std::chrono::seconds(1'787'390'000)};

TEST(ResetCreditsReply, ReadsCreditsAndWhichOfThemAreGood) {
  const auto credits = ReadResetCredits(
      R"({"credits":[{"id":"rc_1","status":"available","title":"Weekly reset","expires_at":1787400000},
          {"id":"rc_2","status":"available","expires_at":"2026-08-01T00:00:00Z"},{"id":"rc_3","status":"redeemed"},
          {"credit_id":"rc_4"},7],"available_count":2})",
      kReadAt);
  ASSERT_TRUE(credits);
  EXPECT_EQ(credits->available, 2);
  ASSERT_EQ(credits->credits.size(), 5u);
  EXPECT_TRUE(credits->credits[0].usable);
  EXPECT_EQ(credits->credits[0].title, "Weekly reset");
  EXPECT_FALSE(credits->credits[1].usable) << "expired";
  EXPECT_FALSE(credits->credits[2].usable);
  EXPECT_TRUE(credits->credits[3].usable);
  EXPECT_EQ(credits->credits[3].id, "rc_4");
}

TEST(ResetCreditsReply, CountsWhatIsGoodWhereNobodyDid) {
  EXPECT_EQ(ReadResetCredits(R"({"credits":[{"id":"a"},{"id":"b","status":"redeemed"}]})", kReadAt)->available, 1);
}

TEST(ResetCreditsReply, SaysNothingWhenItCannotBeRead) {
  for (const char* body : {"", "[]", "{}", "<html>", R"({"credits":{}})"})
    EXPECT_FALSE(ReadResetCredits(body, kReadAt)) << body;
  const auto odd =
      ReadResetCredits(R"({"credits":[{"expires_at":"2026-13-41T99:99:99Z"},{"expires_at":1e300}]})", kReadAt);
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->credits[0].expires_at || odd->credits[1].expires_at);
}

TEST(ResetCreditsReply, NamesTheCreditOnlyWhereOneIsChosen) {
  EXPECT_EQ(RedeemBody("u-1", ""), R"({"redeem_request_id":"u-1"})");
  EXPECT_EQ(RedeemBody("u-1", "rc_1"), R"({"credit_id":"rc_1","redeem_request_id":"u-1"})");
}

TEST(ResetCreditsReply, ReadsHowARedemptionWent) {
  const auto reset = ReadRedemption(R"({"code":"reset","windows_reset":2})");
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->outcome, "reset");
  EXPECT_EQ(reset->windows_reset, 2);
  EXPECT_EQ(ReadRedemption(R"({"code":"no_credit"})")->windows_reset, 0);
  EXPECT_FALSE(ReadRedemption(R"({"detail":"x"})"));
}

}  // namespace
}  // namespace patchbay::accounts
