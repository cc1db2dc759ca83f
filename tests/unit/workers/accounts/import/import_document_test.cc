#include "workers/accounts/import/import_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

TEST(ImportDocument, KnowsALoginByItsContentAndNamesItAsTold) {
  const auto document = ReadImportDocument(R"({"auth_mode":"chatgpt","tokens":{"access_token":"a"}})", "mine");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->format, "auth_json");
  EXPECT_EQ(document->items.at(0).access_token.Reveal(), "a");
  EXPECT_EQ(document->items.at(0).label, "mine");
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

TEST(ImportDocument, NamesRowsWhereOtherProgramsHaveOtherWords) {
  const auto document = ReadImportDocument(
      R"([{"type":"claude","access_token":"a"},{"platform":"openai","type":"oauth","credentials":{"access_token":"a"}},
          {"platform":"gemini","type":"oauth","credentials":{"access_token":"a"}},
          {"type":"xai","auth_kind":"oauth","access_token":"a","refresh_token":"r"},{"type":"kimi","access_token":"a"},
          {"type":"claude","auth_kind":"oauth","access_token":"a"}])",
      "");
  ASSERT_TRUE(document.ok());
  ASSERT_EQ(document->items.size(), 6u);
  EXPECT_EQ(document->items[0].provider, "anthropic");
  EXPECT_EQ(document->items[1].provider, "codex");
  EXPECT_EQ(document->items[2].provider, "gemini") << "the gateway says whether it has that one";
  EXPECT_EQ(document->items[3].provider, "grok") << "its keys are another row's";
  EXPECT_EQ(document->items[4].provider, "kimi");
  EXPECT_EQ(document->items[5].provider, "anthropic");
}

TEST(ImportDocument, ReadsTokensOnLines) {
  const std::string token(30, 'a');
  const auto document = ReadImportDocument(token + "\nrt_" + token + "\n", "");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->format, "tokens");
  EXPECT_EQ(document->items.at(0).access_token.Reveal(), token);
  EXPECT_EQ(document->items.at(1).refresh_token.Reveal(), "rt_" + token);
}

}  // namespace
}  // namespace patchbay::accounts
