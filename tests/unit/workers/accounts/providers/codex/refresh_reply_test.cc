#include "workers/accounts/providers/codex/refresh_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using Kind = RefreshReply::Kind;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RefreshReply, TakesNewTokens) {
  const auto reply =
      ReadRefreshReply(200, R"({"access_token":"a","refresh_token":"r","id_token":"i","expires_in":3600})");
  EXPECT_EQ(reply.kind, Kind::kTokens);
  EXPECT_EQ(reply.access.Reveal(), "a");
  EXPECT_EQ(reply.refresh.Reveal(), "r");
  EXPECT_EQ(reply.id.Reveal(), "i");
  EXPECT_EQ(reply.expires_in, std::chrono::seconds(3600));
}

TEST(RefreshReply, LeavesAbsentTokensEmpty) {
  const auto reply = ReadRefreshReply(200, R"({"access_token":"a"})");
  EXPECT_EQ(reply.kind, Kind::kTokens);
  EXPECT_TRUE(reply.refresh.empty());
}

TEST(RefreshReply, KnowsWhenTheLoginIsGone) {
  const auto kind = [](int status, const char* body) { return ReadRefreshReply(status, body).kind; };
  EXPECT_EQ(kind(401, ""), Kind::kPermanent);
  EXPECT_EQ(kind(400, R"({"error":"invalid_grant","error_description":"x"})"), Kind::kPermanent);
  EXPECT_EQ(kind(400, R"({"error":{"code":"refresh_token_expired"}})"), Kind::kPermanent);
  EXPECT_EQ(kind(403, R"({"code":"refresh_token_invalidated"})"), Kind::kPermanent);
  EXPECT_EQ(kind(400, R"({"error":{"code":"refresh_token_reused","message":"m"}})"), Kind::kPermanent);
}

TEST(RefreshReply, TakesEverythingElseForPassing) {
  const auto kind = [](int status, const char* body) { return ReadRefreshReply(status, body).kind; };
  EXPECT_EQ(kind(500, "oops"), Kind::kTransient);
  EXPECT_EQ(kind(429, "{}"), Kind::kTransient);
  EXPECT_EQ(kind(403, "<html>Just a moment…</html>"), Kind::kTransient);
  EXPECT_EQ(kind(400, R"({"error":"temporarily_unavailable"})"), Kind::kTransient);
  EXPECT_EQ(kind(200, "not json"), Kind::kTransient);
  EXPECT_EQ(kind(200, "{}"), Kind::kTransient);
}

TEST(RefreshReply, KnowsARefreshTokenThatWasUsedBefore) {
  EXPECT_TRUE(ReadRefreshReply(401, R"({"error":{"code":"refresh_token_reused"}})").spent);
  EXPECT_FALSE(ReadRefreshReply(401, R"({"error":{"code":"refresh_token_expired"}})").spent);
}

TEST(RefreshReply, KeepsFreeTextOutOfItsEvidence) {
  const auto reply = ReadRefreshReply(401, R"({"error":{"code":"rt_secret token here","message":"rt_secret"}})");
  EXPECT_THAT(reply.evidence, Not(HasSubstr("rt_secret")));
  EXPECT_THAT(ReadRefreshReply(401, R"({"error":{"code":"refresh_token_reused"}})").evidence,
              HasSubstr("401 refresh_token_reused (the refresh token was already used"));
}

}  // namespace
}  // namespace patchbay::accounts
