#include "workers/accounts/providers/login.h"

#include <gmock/gmock.h>

namespace patchbay::accounts {
namespace {

TEST(TokenClaims, OfOneTokenAreFilledUpWithThoseOfAnother) {
  const WallTime soon{std::chrono::seconds(1787393600)};
  const TokenClaims access{.expires_at = soon, .user_id = "u", .plan = "plus"};
  const TokenClaims id{
      .expires_at = soon + std::chrono::hours(1), .email = "u@example.com", .plan = "pro", .fedramp = true};
  const TokenClaims both = Combine(access, id);
  EXPECT_EQ(both.expires_at, soon);
  EXPECT_EQ(both.user_id, "u");
  EXPECT_EQ(both.email, "u@example.com");
  EXPECT_EQ(both.plan, "plus");
  EXPECT_TRUE(both.fedramp);
}

TEST(ExpiryOfNewTokens, IsTheirOwnWordWhereTheClockIsRight) {
  using namespace std::chrono_literals;
  const WallTime now{std::chrono::seconds(1'790'000'000)};
  const auto claims = [](std::optional<WallTime> issued, std::optional<WallTime> expires) {
    return TokenClaims{.expires_at = expires, .issued_at = issued};
  };
  EXPECT_EQ(ExpiryOfNew(claims(now - 10s, now + 1h), 5min, now), now + 1h) << "before what its answer tells";
  EXPECT_EQ(ExpiryOfNew(claims(now - 24h, now - 23h), std::nullopt, now), now + 1h) << "our clock is ahead";
  EXPECT_EQ(ExpiryOfNew(claims(now + 24h, now + 25h), std::nullopt, now), now + 1h) << "our clock is behind";
  EXPECT_EQ(ExpiryOfNew(claims(std::nullopt, now + 1h), std::nullopt, now), now + 1h);
  EXPECT_EQ(ExpiryOfNew(claims(std::nullopt, now - 1h), std::nullopt, now), std::nullopt) << "it cannot be over yet";
  EXPECT_EQ(ExpiryOfNew({}, 5min, now), now + 5min);
  EXPECT_EQ(ExpiryOfNew({}, std::nullopt, now), std::nullopt);
  EXPECT_EQ(ExpiryOfNew(claims(now, now - 1h), 5min, now), now + 5min) << "claims that make no sense";
}

}  // namespace
}  // namespace patchbay::accounts
