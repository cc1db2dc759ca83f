#include "workers/accounts/books/keep_account.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

struct KeptAccounts : ::testing::Test {
  StoredAccount Version(std::int64_t version, const std::string& refresh) {
    StoredAccount account = AnAccount("a");
    account.credential_version = version;
    account.tokens.refresh = Secret(refresh);
    return account;
  }
  std::string RefreshToken() { return (*store->LoadAccount(AccountId("a")))->tokens.refresh.Reveal(); }

  TemporaryDirectory directory;
  std::unique_ptr<SqliteStore> store = std::move(*OpenStore(directory.path));
};

TEST_F(KeptAccounts, AreAddedOnce) {
  EXPECT_EQ(*KeepLogin(*store, Version(1, "one"), 0), 1);
  EXPECT_EQ(*KeepLogin(*store, Version(2, "two"), 1), 2);
  EXPECT_EQ(RefreshToken(), "two");
  EXPECT_EQ(store->LoadAccounts()->size(), 1u);
}

TEST_F(KeptAccounts, GiveWayToALoginWhateverOthersWrote) {
  ASSERT_TRUE(KeepLogin(*store, Version(1, "one"), 0).ok());
  ASSERT_TRUE(*store->PutTokens(Version(5, "theirs"), 1));
  EXPECT_EQ(*KeepLogin(*store, Version(2, "login"), 1), 6) << "a version that nobody has used";
  EXPECT_EQ(RefreshToken(), "login");
}

TEST_F(KeptAccounts, KeepWhatOthersWroteFromARefresh) {
  ASSERT_TRUE(KeepLogin(*store, Version(1, "one"), 0).ok());
  EXPECT_FALSE(KeepTokens(*store, Version(2, "two"), 1)->has_value()) << "nobody was faster";
  EXPECT_FALSE(KeepTokens(*store, Version(2, "two"), 2)->has_value()) << "kept already";
  ASSERT_TRUE(*store->PutTokens(Version(3, "theirs"), 2));
  const auto theirs = KeepTokens(*store, Version(3, "ours"), 2);
  ASSERT_TRUE(theirs.ok() && theirs->has_value());
  EXPECT_EQ((*theirs)->tokens.refresh.Reveal(), "theirs");
  EXPECT_EQ(RefreshToken(), "theirs");
}

TEST_F(KeptAccounts, DoNotComeBackFromARefresh) {
  ASSERT_TRUE(KeepLogin(*store, Version(1, "one"), 0).ok());
  ASSERT_TRUE(store->RemoveAccount(AccountId("a")).ok());
  EXPECT_EQ(KeepTokens(*store, Version(2, "two"), 1).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store->LoadAccounts()->empty());
}

}  // namespace
}  // namespace patchbay::accounts
