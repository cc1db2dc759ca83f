#include "workers/accounts/providers/codex/jwt.h"

#include <gtest/gtest.h>

#include "lib/base/encoding.h"

namespace patchbay::accounts {
namespace {

std::string Token(const std::string& payload) {
  return "eyJhbGciOiJub25lIn0." + Base64UrlEncode(payload) + ".signature";
}

TEST(ReadClaims, FindsWhatThePoolNeeds) {
  const auto claims = ReadClaims(Token(R"({"exp":1787393600,"email":"u@example.com",
    "https://api.openai.com/auth":{"chatgpt_plan_type":"plus","chatgpt_user_id":"user-abc","chatgpt_account_id":"3f1c",
    "chatgpt_account_is_fedramp":true}})"));
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->expires_at, WallTime(std::chrono::seconds(1787393600)));
  EXPECT_EQ(claims->provider_account_id, "3f1c");
  EXPECT_EQ(claims->user_id, "user-abc");
  EXPECT_EQ(claims->plan, "plus");
  EXPECT_EQ(claims->email, "u@example.com");
  EXPECT_TRUE(claims->fedramp);
}

TEST(ReadClaims, TakesTheEmailFromTheProfileToo) {
  const auto claims = ReadClaims(Token(R"({"https://api.openai.com/profile":{"email":"p@example.com"}})"));
  EXPECT_EQ(claims->email, "p@example.com");
}

TEST(ReadClaims, TreatsClaimsOfAnUnexpectedTypeAsAbsent) {
  const auto claims = ReadClaims(Token(R"({"exp":"soon","email":7,"https://api.openai.com/auth":[1,2]})"));
  ASSERT_TRUE(claims.ok());
  EXPECT_FALSE(claims->expires_at);
  EXPECT_TRUE(claims->email.empty());
  EXPECT_FALSE(ReadClaims(Token(R"({"exp":1e300})"))->expires_at);
  EXPECT_FALSE(ReadClaims(Token(R"({"exp":-5})"))->expires_at);
}

TEST(ReadClaims, RefusesWhatIsNoToken) {
  for (const std::string& text : {std::string(), std::string("at-opaque"), std::string("a.b"), std::string("a.!!!.c"),
                                  Token("[1]"), Token("{"), std::string(200'000, 'x')}) {
    EXPECT_FALSE(ReadClaims(text).ok()) << text.substr(0, 20);
  }
}

}  // namespace
}  // namespace patchbay::accounts
