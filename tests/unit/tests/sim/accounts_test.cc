#include "tests/sim/accounts.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "lib/base/encoding.h"

namespace patchbay::sim {
namespace {

constexpr long long kNow = 1'800'000'000;

TEST(Accounts, MakeTokensThatSayWhoseTheyAre) {
  Accounts accounts;
  const Account& account = *accounts.Create({"a", "pro", 100}, kNow);
  const std::string& token = account.access_token;
  const auto dot = token.find('.');
  const auto payload = Base64UrlDecode(token.substr(dot + 1, token.rfind('.') - dot - 1));
  ASSERT_TRUE(payload.ok());
  const auto claims = boost::json::parse(*payload);
  EXPECT_EQ(claims.at("exp").as_int64(), kNow + 100);
  EXPECT_EQ(claims.at("https://api.openai.com/auth").at("chatgpt_account_id").as_string(), account.id);
  EXPECT_EQ(claims.at("https://api.openai.com/auth").at("chatgpt_plan_type").as_string(), "pro");
  EXPECT_EQ(claims.at("https://api.openai.com/profile").at("email").as_string(), "a@example.com");
}

TEST(Accounts, AcceptAnAccessTokenUntilItExpires) {
  Accounts accounts;
  const Account* account = accounts.Create({"a", "plus", 100}, kNow);
  EXPECT_EQ(accounts.CheckAccessToken(account->access_token, kNow + 99).refusal, "");
  EXPECT_EQ(accounts.CheckAccessToken(account->access_token, kNow + 99).account, account);
  EXPECT_EQ(accounts.CheckAccessToken(account->access_token, kNow + 100).refusal, "token_expired");
  EXPECT_EQ(accounts.CheckAccessToken("x" + account->access_token, kNow).refusal, "unauthorized");
  EXPECT_EQ(accounts.CheckAccessToken("", kNow).refusal, "unauthorized");
}

TEST(Accounts, RotateARefreshTokenOnce) {
  Accounts accounts;
  Account* account = accounts.Create({}, kNow);
  const std::string access = account->access_token;
  const std::string refresh = account->refresh_token;
  EXPECT_EQ(accounts.Refresh(refresh, kNow).account, account);
  EXPECT_NE(account->access_token, access);
  EXPECT_NE(account->refresh_token, refresh);
  EXPECT_EQ(accounts.Refresh(refresh, kNow).code, "refresh_token_reused");
  EXPECT_EQ(accounts.CheckAccessToken(access, kNow).refusal, "token_expired");
  EXPECT_EQ(accounts.Refresh("rt_never_seen", kNow).code, "invalid_grant");
  EXPECT_EQ(account->refreshes, 1);
  EXPECT_EQ(account->reused_refresh_tokens, 1);
}

TEST(Accounts, ForgetARemovedAccount) {
  Accounts accounts;
  const Account* account = accounts.Create({}, kNow);
  const std::string token = account->access_token;
  EXPECT_TRUE(accounts.Remove(std::string(account->id)));
  EXPECT_EQ(accounts.CheckAccessToken(token, kNow).refusal, "unauthorized");
}

}  // namespace
}  // namespace patchbay::sim
