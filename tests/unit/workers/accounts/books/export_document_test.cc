#include "workers/accounts/books/export_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workers/accounts/import/import_document.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StoredAccount LoginAccount() {
  StoredAccount account;
  account.provider = "codex";
  account.label = "mine \"1\"";
  account.provider_account_id = "x";
  account.email = "m";
  account.enabled = false;
  account.priority = -2;
  account.weight = 3;
  account.tags = {"a", "b"};
  account.tokens = {Secret("access"), Secret("refresh"), Secret("identity")};
  return account;
}

StoredAccount Key() {
  StoredAccount account;
  account.provider = "groq";
  account.tokens.access = Secret("gsk_key");
  return account;
}

TEST(ExportDocument, IsReadByAnImport) {
  const StoredAccount login = LoginAccount(), key = Key();
  const auto document = ReadImportDocument(ExportDocument({&login, &key}, ExportFormat::kFull), "");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->format, "accounts_json");
  ASSERT_EQ(document->items.size(), 2u);
  const ImportItem& first = document->items[0];
  EXPECT_EQ(first.error, "");
  EXPECT_EQ(first.provider, login.provider);
  EXPECT_EQ(first.label, login.label);
  EXPECT_EQ(first.access_token.Reveal(), "access");
  EXPECT_EQ(first.refresh_token.Reveal(), "refresh");
  EXPECT_EQ(first.id_token.Reveal(), "identity");
  EXPECT_EQ(first.provider_account_id, "x");
  EXPECT_EQ(first.enabled, false);
  EXPECT_EQ(first.priority, -2);
  EXPECT_EQ(first.weight, 3);
  EXPECT_EQ(first.tags, login.tags);
  EXPECT_EQ(document->items[1].provider, "groq");
  EXPECT_EQ(document->items[1].access_token.Reveal(), "gsk_key");
}

TEST(ExportDocument, HoldsNoMoreThanNeededUnlessItIsFull) {
  const StoredAccount login = LoginAccount(), key = Key();
  const std::string text = ExportDocument({&login, &key}, ExportFormat::kMinimal);
  for (const char* left_out : {"\"access\"", "identity", "\"m\"", "tags"}) EXPECT_THAT(text, Not(HasSubstr(left_out)));
  const auto document = ReadImportDocument(text, "");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->items.at(0).refresh_token.Reveal(), "refresh");
  EXPECT_EQ(document->items.at(1).access_token.Reveal(), "gsk_key") << "a key has nothing to be renewed with";
}

TEST(ExportDocument, OfNothingIsAList) {
  EXPECT_EQ(ExportDocument({}, ExportFormat::kFull), "{\n  \"accounts\": []\n}\n");
}

}  // namespace
}  // namespace patchbay::accounts
