#include "workers/accounts/import/import_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

ImportItem OnlyItem(std::string_view text) {
  const auto document = ReadImportDocument(text, "mine");
  EXPECT_TRUE(document.ok());
  EXPECT_EQ(document->items.size(), 1u);
  return document->items.front();
}

TEST(ImportDocument, ReadsCodexClisLogin) {
  const auto document = ReadImportDocument(
      R"({"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"id_token":"i","access_token":"a","refresh_token":"r",
          "account_id":"acct"},"last_refresh":"2026-08-22T05:54:00Z"})",
      "mine");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->format, "codex_auth_json");
  const ImportItem& item = document->items.front();
  EXPECT_EQ(item.access_token.Reveal(), "a");
  EXPECT_EQ(item.refresh_token.Reveal(), "r");
  EXPECT_EQ(item.id_token.Reveal(), "i");
  EXPECT_EQ(item.provider_account_id, "acct");
  EXPECT_EQ(item.label, "mine");
  EXPECT_TRUE(item.error.empty());
}

TEST(ImportDocument, ReadsALoginFromBeforeAuthMode) {
  EXPECT_TRUE(OnlyItem(R"({"OPENAI_API_KEY":null,"tokens":{"access_token":"a","account_id":null}})").error.empty());
}

TEST(ImportDocument, SaysWhyAnotherModeCannotBeImported) {
  EXPECT_THAT(OnlyItem(R"({"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"})").error, HasSubstr("API key"));
  EXPECT_THAT(OnlyItem(R"({"OPENAI_API_KEY":"sk-1"})").error, HasSubstr("API key"));
  EXPECT_THAT(OnlyItem(R"({"auth_mode":"agentIdentity","agent_identity":"x"})").error, HasSubstr("agent identity"));
  EXPECT_THAT(OnlyItem(R"({"auth_mode":"headers"})").error, HasSubstr("headers"));
  EXPECT_THAT(OnlyItem(R"({"auth_mode":"bedrockApiKey","bedrock_api_key":{}})").error, HasSubstr("Bedrock"));
  EXPECT_THAT(OnlyItem(R"({"auth_mode":"somethingNew"})").error, HasSubstr("auth_mode"));
  EXPECT_THAT(OnlyItem(R"({"auth_mode":"chatgpt","tokens":{}})").error, HasSubstr("no tokens"));
  EXPECT_EQ(OnlyItem(R"({"auth_mode":"chatgptAuthTokens","tokens":{"access_token":"a"}})").access_token.Reveal(), "a");
  EXPECT_EQ(OnlyItem(R"({"personal_access_token":"at-1"})").access_token.Reveal(), "at-1");
}

TEST(ImportDocument, ReadsAListWithAnAnswerForEachEntry) {
  const auto document =
      ReadImportDocument(R"({"accounts":[{"token":"a","refreshToken":"r","label":"one"},{"refreshToken":"r2"},
    {"label":"empty"},7]})",
                         "");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->format, "accounts_json");
  ASSERT_EQ(document->items.size(), 4u);
  EXPECT_EQ(document->items[0].label, "one");
  EXPECT_TRUE(document->items[1].access_token.empty());
  EXPECT_FALSE(document->items[2].error.empty());
  EXPECT_FALSE(document->items[3].error.empty());
}

TEST(ImportDocument, CutsALabelBetweenCharacters) {
  const std::string label(63, 'x');
  EXPECT_EQ(ReadImportDocument(R"({"tokens":{"access_token":"a"}})", label + "äöü")->items[0].label, label);
}

TEST(ImportDocument, RefusesWhatItDoesNotKnowWithoutQuotingIt) {
  for (const char* text : {"", "rt_secret", "[1,2]", "{\"rt_secret\":1}", "{\"accounts\":\"rt_secret\"}",
                           "{\"accounts\":[", "\"rt_secret\""}) {
    const auto document = ReadImportDocument(text, "");
    ASSERT_FALSE(document.ok()) << text;
    EXPECT_THAT(document.error().message, ::testing::Not(HasSubstr("rt_secret")));
  }
}

}  // namespace
}  // namespace patchbay::accounts
