#include "workers/accounts/providers/codex/login_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFile = R"({
  "auth_mode": "chatgpt",
  "OPENAI_API_KEY": null,
  "tokens": {
    "id_token": "id-1",
    "access_token": "at-1",
    "refresh_token": "rt-1",
    "account_id": "acct",
    "later": [1, 2]
  },
  "last_refresh": "2026-08-22T05:54:00.123456789Z",
  "agent_identity": {"task_id": "t"}
})";

TEST(AuthFile, HoldsALogin) {
  const auto login = ReadAuthFile(kFile);
  ASSERT_TRUE(login.ok()) << login.error().message;
  EXPECT_EQ(login->access.Reveal(), "at-1");
  EXPECT_EQ(login->refresh.Reveal(), "rt-1");
  EXPECT_EQ(login->id.Reveal(), "id-1");
  EXPECT_EQ(login->provider_account_id, "acct");
}

TEST(AuthFile, IsRefusedWithoutOneAndNeverQuoted) {
  for (const char* text :
       {"", "secret-junk", "[1]", R"({"auth_mode":"apikey","OPENAI_API_KEY":"secret-key"})", R"({"tokens":{}})",
        R"({"tokens":{"access_token":"secret-at"}})", R"({"tokens":{"refresh_token":"secret-rt"}})", R"({"tokens":7})",
        R"({"auth_mode":"headers","tokens":{"access_token":"secret-a","refresh_token":"secret-r"}})",
        R"({"personal_access_token":"secret-pat"})", R"({"tokens":{"access_token":"secret-a","refresh_to)"}) {
    const auto login = ReadAuthFile(text);
    ASSERT_FALSE(login.ok()) << text;
    EXPECT_EQ(login.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(login.error().message, Not(HasSubstr("secret")));
  }
}

TEST(AuthFile, KeepsWhatItSaysBesidesInItsOrder) {
  const WallTime now{std::chrono::milliseconds(1'790'000'000'123)};
  const auto text = WriteAuthFile(kFile, {Secret("at-2"), Secret("rt-2"), Secret(), ""}, now);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, R"({
  "auth_mode": "chatgpt",
  "OPENAI_API_KEY": null,
  "tokens": {
    "id_token": "id-1",
    "access_token": "at-2",
    "refresh_token": "rt-2",
    "account_id": "acct",
    "later": [
      1,
      2
    ]
  },
  "last_refresh": "2026-09-21T14:13:20.123000Z",
  "agent_identity": {
    "task_id": "t"
  }
})");
  EXPECT_EQ(ReadAuthFile(*text)->refresh.Reveal(), "rt-2");
  EXPECT_FALSE(WriteAuthFile("junk", {}, now).ok());
}

TEST(AuthFile, SaysWhatKindOfLoginItHolds) {
  const auto mode = [](const char* text) { return AuthModeOf(wire::ParseOrNothing(text)); };
  EXPECT_EQ(mode(R"({"auth_mode":"x"})"), "x");
  EXPECT_EQ(mode(R"({"personal_access_token":"at-1"})"), "personalAccessToken");
  EXPECT_EQ(mode(R"({"bedrock_api_key":{}})"), "bedrockApiKey");
  EXPECT_EQ(mode(R"({"bedrock_api_key":null,"OPENAI_API_KEY":"sk"})"), "apikey");
  EXPECT_EQ(mode(R"({"OPENAI_API_KEY":null})"), "chatgpt");
}

}  // namespace
}  // namespace patchbay::accounts
