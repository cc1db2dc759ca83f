#include "workers/accounts/providers/registry.h"

#include <gmock/gmock.h>

#include "lib/catalog/words.h"
#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

TEST(Registry, HasTheCodeOfEveryWordThatARowMaySay) {
  for (const auto word : catalog::ModelShapes()) EXPECT_NE(FindModelListReader(word), nullptr) << word;
  for (const auto word : catalog::UsageShapes()) EXPECT_NE(FindUsageReader(word), nullptr) << word;
  for (const auto word : catalog::LoginShapes()) EXPECT_NE(FindLogin(word), nullptr) << word;
}

TEST(Registry, HasNoneOfOthers) {
  EXPECT_EQ(FindModelListReader("opanai"), nullptr);
  EXPECT_EQ(FindUsageReader(""), nullptr);
  EXPECT_EQ(FindLogin(""), nullptr);
}

TEST(Registry, KnowsWhoseAccountsAreLogins) {
  EXPECT_NE(LoginOf(CatalogProviders().Find("codex")), nullptr);
  EXPECT_EQ(LoginOf(CatalogProviders().Find("groq")), nullptr);
  EXPECT_EQ(LoginOf(nullptr), nullptr);
}

}  // namespace
}  // namespace patchbay::accounts
