#include "workers/accounts/providers/standard/login.h"

#include <gtest/gtest.h>

#include "lib/base/encoding.h"

namespace patchbay::accounts {
namespace {

using PollKind = DevicePoll::Kind;
using RefreshKind = RefreshReply::Kind;

TEST(StandardLogin, KnowsWhoATokenBelongsTo) {
  const auto claims =
      ReadStandardClaims("h." + Base64UrlEncode(R"({"sub":"u1","email":"u@example.com","exp":1790000000})") + ".s");
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->provider_account_id, "u1");
  EXPECT_EQ(claims->user_id, "u1");
  EXPECT_EQ(claims->email, "u@example.com");
  EXPECT_TRUE(claims->expires_at.has_value());
  EXPECT_FALSE(ReadStandardClaims("opaque").ok());
  EXPECT_TRUE(kStandardLogin.is_opaque("opaque")) << "and need not say";
}

TEST(StandardLogin, GivesARefreshTokenUpOnlyForAGrantThatIsInvalid) {
  EXPECT_EQ(ReadStandardRefresh(200, R"({"access_token":"a","expires_in":60})").kind, RefreshKind::kTokens);
  EXPECT_EQ(ReadStandardRefresh(400, R"({"error":"invalid_grant"})").kind, RefreshKind::kPermanent);
  EXPECT_EQ(ReadStandardRefresh(401, "").kind, RefreshKind::kPermanent);
  EXPECT_EQ(ReadStandardRefresh(400, R"({"error":"invalid_request"})").kind, RefreshKind::kTransient);
  EXPECT_EQ(ReadStandardRefresh(429, R"({"error":"invalid_grant"})").kind, RefreshKind::kTransient);
}

// RFC 8628 §3.1 to §3.5.
TEST(StandardDevice, AsksForACodeAndReadsIt) {
  catalog::v1::OAuth oauth;
  oauth.set_client_id("me");
  oauth.add_scopes("read:user");
  oauth.add_scopes("more");
  EXPECT_EQ(AskStandardDevice(oauth).body.Reveal(), "client_id=me&scope=read%3Auser%20more");
  const DeviceReply reply = ReadStandardDevice(
      200, R"({"device_code":"d","user_code":"WDJB","verification_uri":"https://x/d","expires_in":600,"interval":6})");
  EXPECT_EQ(reply.kind, DeviceReply::Kind::kCode);
  EXPECT_EQ(reply.code.page, "https://x/d");
  EXPECT_EQ(reply.code.lives, std::chrono::seconds(600));
  EXPECT_EQ(reply.code.interval, std::chrono::seconds(6));
  EXPECT_EQ(PollStandardDevice(oauth, reply.code).body.Reveal(),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d&client_id=me");
  EXPECT_EQ(ReadStandardDevice(400, R"({"error":"invalid_client"})").kind, DeviceReply::Kind::kRefused);
}

TEST(StandardDevice, KnowsEveryAnswerToItsPolls) {
  const auto kind = [](const char* error) {
    return ReadStandardPoll(400, "{\"error\":\"" + std::string(error) + "\"}").kind;
  };
  EXPECT_EQ(kind("authorization_pending"), PollKind::kPending);
  EXPECT_EQ(kind("slow_down"), PollKind::kSlowDown);
  EXPECT_EQ(kind("access_denied"), PollKind::kDenied);
  EXPECT_EQ(kind("expired_token"), PollKind::kExpired);
  EXPECT_EQ(kind("invalid_grant"), PollKind::kRefused);
  EXPECT_EQ(ReadStandardPoll(200, R"({"error":"authorization_pending"})").kind, PollKind::kPending)
      << "GitHub says 200";
  EXPECT_EQ(ReadStandardPoll(200, R"({"access_token":"a"})").kind, PollKind::kTokens);
  EXPECT_EQ(ReadStandardPoll(502, "").kind, PollKind::kTransient);
}

}  // namespace
}  // namespace patchbay::accounts
