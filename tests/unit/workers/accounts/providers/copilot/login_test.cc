#include "workers/accounts/providers/copilot/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = RefreshReply::Kind;

TEST(CopilotClaims, TellWhenTheTokenEnds) {
  const auto claims = ReadCopilotClaims("tid=ab;exp=1790000000;sku=pro;8kp=1:sig;exp=1");
  ASSERT_TRUE(claims.ok()) << claims.error().message;
  EXPECT_EQ(claims->expires_at, WallTime(std::chrono::seconds(1'790'000'000)));
  for (const char* text :
       {"", "gho_abc", "tid=ab;sku=pro", "exp=;a=b", "exp=-5", "exp=99999999999999", "a:exp=1790000000"}) {
    EXPECT_FALSE(ReadCopilotClaims(text).ok()) << text;
  }
}

TEST(CopilotSession, IsATokenOfMinutes) {
  const RefreshReply reply =
      ReadCopilotSession(200, R"({"token":"tid=ab;exp=1790000000:s","expires_at":1790000000,"refresh_in":1500})");
  EXPECT_EQ(reply.kind, Kind::kTokens);
  EXPECT_EQ(reply.access.Reveal(), "tid=ab;exp=1790000000:s");
  EXPECT_TRUE(reply.refresh.empty()) << "the login stays as it is";
  EXPECT_EQ(reply.expires_in, std::chrono::seconds(1500));
}

TEST(CopilotSession, EndsTheLoginOnlyOnStrongEvidence) {
  constexpr const char* kNotAllowed = R"({"error_details":{"message":"secret words"}})";
  EXPECT_EQ(ReadCopilotSession(401, R"({"message":"Bad credentials"})").kind, Kind::kPermanent);
  EXPECT_EQ(ReadCopilotSession(404, "{}").kind, Kind::kPermanent);
  const RefreshReply refused = ReadCopilotSession(403, kNotAllowed);
  EXPECT_EQ(refused.kind, Kind::kPermanent);
  EXPECT_THAT(refused.evidence, HasSubstr("may not use Copilot"));
  EXPECT_THAT(refused.evidence, Not(HasSubstr("secret words")));
  EXPECT_EQ(ReadCopilotSession(403, R"({"message":"API rate limit exceeded"})").kind, Kind::kTransient);
  for (const int status : {429, 500, 502, 503}) {
    EXPECT_EQ(ReadCopilotSession(status, kNotAllowed).kind, Kind::kTransient) << status;
  }
  EXPECT_EQ(ReadCopilotSession(200, "{}").kind, Kind::kTransient);
  EXPECT_EQ(ReadCopilotSession(200, "<html>").kind, Kind::kTransient);
}

}  // namespace
}  // namespace patchbay::accounts
