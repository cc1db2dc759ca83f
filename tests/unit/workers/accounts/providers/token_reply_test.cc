#include "workers/accounts/providers/token_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using Reply = TokenReply::Kind;

TEST(TokenReply, BringsTokens) {
  const TokenReply reply =
      ReadTokenReply(200, R"({"access_token":"a","refresh_token":"r","id_token":"i","expires_in":"3600"})");
  EXPECT_EQ(reply.kind, Reply::kTokens);
  EXPECT_EQ(reply.access.Reveal() + reply.refresh.Reveal() + reply.id.Reveal(), "ari");
  EXPECT_EQ(reply.expires_in, std::chrono::seconds(3600));
}

TEST(TokenReply, TellsARefusalFromTrouble) {
  EXPECT_EQ(ReadTokenReply(400, R"({"error":"invalid_grant","error_description":"secret"})").kind, Reply::kRefused);
  EXPECT_EQ(ReadTokenReply(401, "").kind, Reply::kRefused);
  EXPECT_EQ(ReadTokenReply(200, R"({"error":"bad_verification_code"})").kind, Reply::kRefused) << "some say it so";
  EXPECT_EQ(ReadTokenReply(429, R"({"error":"slow_down"})").kind, Reply::kTransient);
  EXPECT_EQ(ReadTokenReply(503, "<html>").kind, Reply::kTransient);
  EXPECT_EQ(ReadTokenReply(200, "<html>").kind, Reply::kTransient);
  EXPECT_EQ(ReadTokenReply(200, R"({"refresh_token":"r"})").kind, Reply::kTransient) << "there is nothing to call with";
}

TEST(TokenReply, ShowsTheCodeAndNoFreeText) {
  EXPECT_EQ(ReadTokenReply(400, R"({"error":"invalid_grant","error_description":"rt_1 is bad"})").evidence,
            "token endpoint: 400 invalid_grant");
  EXPECT_EQ(ReadTokenReply(400, R"({"error":{"code":"x","message":"rt_1"}})").evidence, "token endpoint: 400 x");
  EXPECT_EQ(ReadTokenReply(400, R"({"error":"the token rt_1 is bad"})").evidence, "token endpoint: 400");
}

TEST(SecondsOf, TakesNumbersAndTheirTexts) {
  const auto seconds = [](const char* value) {
    return SecondsOf(wire::ParseOrNothing("{\"s\":" + std::string(value) + "}"), "s");
  };
  EXPECT_EQ(seconds("5"), std::chrono::seconds(5));
  EXPECT_EQ(seconds("\"5\""), std::chrono::seconds(5));
  EXPECT_EQ(seconds("5.9"), std::chrono::seconds(5));
  for (const char* none : {"0", "-1", "1e99", "\"\"", "\"5s\"", "null", "[5]", "0.5"})
    EXPECT_FALSE(seconds(none)) << none;
}

}  // namespace
}  // namespace patchbay::accounts
