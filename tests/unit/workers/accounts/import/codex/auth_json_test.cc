#include "workers/accounts/import/codex/auth_json.h"

#include <gmock/gmock.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

ImportItem LoginIn(std::string_view text) {
  const nlohmann::json document = wire::ParseOrNothing(text);
  EXPECT_TRUE(LooksLikeAuthJson(document)) << text;
  return ReadAuthJson(document);
}

TEST(AuthJson, HoldsTheTokensOfALogin) {
  const ImportItem item = LoginIn(
      R"({"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"id_token":"i","access_token":"a","refresh_token":"r",
          "account_id":"acct"},"last_refresh":"2026-08-22T05:54:00Z"})");
  EXPECT_EQ(item.access_token.Reveal(), "a");
  EXPECT_EQ(item.refresh_token.Reveal(), "r");
  EXPECT_EQ(item.id_token.Reveal(), "i");
  EXPECT_EQ(item.provider_account_id, "acct");
  EXPECT_TRUE(item.error.empty());
}

TEST(AuthJson, HeldThemBeforeThereWasAnAuthModeToo) {
  EXPECT_TRUE(LoginIn(R"({"OPENAI_API_KEY":null,"tokens":{"access_token":"a","account_id":null}})").error.empty());
}

TEST(AuthJson, HoldsAKeyOfThePublicApiWhereThatIsTheLogin) {
  for (const char* text : {R"({"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"})", R"({"OPENAI_API_KEY":"sk-1"})"}) {
    const ImportItem item = LoginIn(text);
    EXPECT_EQ(item.error, "") << text;
    EXPECT_EQ(item.provider, "openai") << text;
    EXPECT_EQ(item.access_token.Reveal(), "sk-1") << text;
  }
  EXPECT_EQ(LoginIn(R"({"auth_mode":"chatgpt","tokens":{"access_token":"a"}})").provider, "codex");
}

TEST(AuthJson, SaysWhyAnotherModeCannotBeImported) {
  EXPECT_THAT(LoginIn(R"({"auth_mode":"apikey","OPENAI_API_KEY":null})").error, HasSubstr("API key"));
  EXPECT_THAT(LoginIn(R"({"auth_mode":"agentIdentity","agent_identity":"x"})").error, HasSubstr("agent identity"));
  EXPECT_THAT(LoginIn(R"({"auth_mode":"headers"})").error, HasSubstr("headers"));
  EXPECT_THAT(LoginIn(R"({"auth_mode":"bedrockApiKey","bedrock_api_key":{}})").error, HasSubstr("Bedrock"));
  EXPECT_THAT(LoginIn(R"({"auth_mode":"somethingNew"})").error, HasSubstr("auth_mode"));
  EXPECT_THAT(LoginIn(R"({"auth_mode":"chatgpt","tokens":{}})").error, HasSubstr("no tokens"));
  EXPECT_EQ(LoginIn(R"({"auth_mode":"chatgptAuthTokens","tokens":{"access_token":"a"}})").access_token.Reveal(), "a");
  EXPECT_EQ(LoginIn(R"({"personal_access_token":"at-1"})").access_token.Reveal(), "at-1");
}

TEST(AuthJson, IsKnownByItsMembers) {
  for (const char* other : {"{}", "[]", "7", R"({"accounts":[]})"})
    EXPECT_FALSE(LooksLikeAuthJson(wire::ParseOrNothing(other))) << other;
}

}  // namespace
}  // namespace patchbay::accounts
