#include "workers/accounts/import/codex/other_logins.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

nlohmann::json Parsed(const char* text) { return wire::ParseOrNothing(text); }

TEST(OtherLogins, OfTheirOwnFormsOnly) {
  const char* const kOthers[] = {"{}",
                                 "[]",
                                 "1",
                                 R"({"tokens":{}})",
                                 R"({"auth_mode":"chatgpt","created_at":1})",
                                 R"({"accessToken":"a"})",
                                 R"({"type":"oauth"})"};
  for (const char* text : kOthers) {
    EXPECT_FALSE(IsCodexLb(Parsed(text))) << text;
    EXPECT_FALSE(IsCockpit(Parsed(text))) << text;
    EXPECT_FALSE(IsWebSession(Parsed(text))) << text;
    EXPECT_FALSE(IsFlatLogin(Parsed(text))) << text;
  }
}

TEST(OtherLogins, ThatCannotBeUsedSayWhy) {
  EXPECT_NE(ReadCockpit(Parsed(R"({"auth_mode":"oauth","agent_identity":{},"tokens":{"access_token":"a"}})")).error,
            "");
  EXPECT_NE(ReadCockpit(Parsed(R"({"auth_mode":"apikey","openai_api_key":"k","api_base_url":"https://x"})")).error, "");
}

}  // namespace
}  // namespace patchbay::accounts
