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

}  // namespace
}  // namespace patchbay::accounts
