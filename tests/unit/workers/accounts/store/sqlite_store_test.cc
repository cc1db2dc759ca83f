#include "workers/accounts/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SqliteStore, KeepsAnAccountOverARestart) {
  TemporaryDirectory directory;
  {
    auto store = OpenStore(directory.path);
    ASSERT_TRUE(store.ok()) << store.error().message;
    ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
    Mark mark{AccountState::kExhausted, "429 usage_limit_reached", WallTime(std::chrono::milliseconds(5)),
              WallTime(std::chrono::milliseconds(9)), RequestId("r")};
    ASSERT_TRUE((*store)->PutMark(AccountId("a"), mark).ok());
    ASSERT_TRUE(
        (*store)
            ->PutQuota(AccountId("a"), {.windows = {{"", std::chrono::seconds(18000), 12.5, std::nullopt, mark.since}}})
            .ok());
  }
  auto store = OpenStore(directory.path);
  ASSERT_TRUE(store.ok());
  const auto accounts = (*store)->LoadAccounts();
  ASSERT_TRUE(accounts.ok());
  ASSERT_EQ(accounts->size(), 1u);
  const StoredAccount& account = accounts->front();
  EXPECT_EQ(account.tokens.access.Reveal(), "access-of-a");
  EXPECT_EQ(account.tokens.refresh.Reveal(), "refresh-of-a");
  EXPECT_EQ(account.created_at, AnAccount("a").created_at);
  EXPECT_EQ(account.mark.state, AccountState::kExhausted);
  EXPECT_EQ(account.mark.until, WallTime(std::chrono::milliseconds(9)));
  ASSERT_EQ(account.quota.windows.size(), 1u);
  EXPECT_EQ(account.quota.windows[0].used_percent, 12.5);
}

TEST(SqliteStore, KeepsPriorityWeightAndTagsOverARestart) {
  TemporaryDirectory directory;
  StoredAccount account = AnAccount("a");
  account.priority = -2;
  account.weight = 5;
  account.tags = {"a", "b"};
  for (int round = 0; round < 2; ++round) {  // made, then replaced
    auto store = OpenStore(directory.path);
    ASSERT_TRUE((*store)->PutAccount(account).ok());
  }
  auto store = OpenStore(directory.path);
  const auto accounts = (*store)->LoadAccounts();
  EXPECT_EQ(accounts->front().priority, -2);
  EXPECT_EQ(accounts->front().weight, 5);
  EXPECT_EQ(accounts->front().tags, (std::vector<std::string>{"a", "b"}));
}

TEST(SqliteStore, KeepsConversationsOfAccountsThatAreThere) {
  using std::chrono::milliseconds;
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  ASSERT_TRUE((*store)->PutAccount(AnAccount("b")).ok());
  const std::string odd("\0\xff'", 3);
  AffinityChanges changes;
  changes.bindings = {{"x", AccountId("a"), WallTime(milliseconds(10))},
                      {odd, AccountId("b"), WallTime(milliseconds(30))},
                      {"y", AccountId("a"), WallTime(milliseconds(20))},
                      {"z", AccountId("gone"), WallTime(milliseconds(40))}};
  ASSERT_TRUE((*store)->PutAffinity(changes).ok());
  const auto keys = [&](int limit) {
    std::vector<std::string> keys;
    const auto loaded = (*store)->LoadAffinity(limit);
    for (const KeptBinding& binding : *loaded) keys.push_back(binding.key);
    return keys;
  };
  EXPECT_EQ(keys(10), (std::vector<std::string>{odd, "y", "x"})) << "the latest used first";
  EXPECT_EQ(keys(1), std::vector<std::string>{odd});
  ASSERT_TRUE((*store)->RemoveAccount(AccountId("b")).ok());
  changes = {{{"x", AccountId("a"), WallTime(milliseconds(50))}}, WallTime(milliseconds(21))};
  ASSERT_TRUE((*store)->PutAffinity(changes).ok());
  EXPECT_EQ(keys(10), std::vector<std::string>{"x"}) << "of the others one is too old, and one's account is gone";
}

TEST(SqliteStore, KeepsALoginSealedUntilItEnds) {
  TemporaryDirectory directory;
  {
    auto store = OpenStore(directory.path);
    ASSERT_TRUE((*store)->PutLogin({LoginId("lgn_1"), Secret("first-verifier")}).ok());
    ASSERT_TRUE((*store)->PutLogin({LoginId("lgn_1"), Secret("second-verifier")}).ok());
    ASSERT_TRUE((*store)->PutLogin({LoginId("lgn_2"), Secret("other-verifier")}).ok());
    ASSERT_TRUE((*store)->RemoveLogin(LoginId("lgn_2")).ok());
    for (const auto& file : std::filesystem::directory_iterator(directory.path)) {
      EXPECT_THAT(Content(file.path()), Not(HasSubstr("-verifier"))) << file.path();
    }
  }
  auto store = OpenStore(directory.path);
  const auto logins = (*store)->LoadLogins();
  ASSERT_TRUE(logins.ok()) << logins.error().message;
  ASSERT_EQ(logins->size(), 1u);
  EXPECT_EQ(logins->front().id, LoginId("lgn_1"));
  EXPECT_EQ(logins->front().record.Reveal(), "second-verifier");
}

TEST(SqliteStore, WritesNoTokenInTheClear) {
  TemporaryDirectory directory;
  {
    auto store = OpenStore(directory.path);
    ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
    for (const auto& file : std::filesystem::directory_iterator(directory.path)) {
      EXPECT_THAT(Content(file.path()), Not(HasSubstr("access-of-a"))) << file.path();
      EXPECT_THAT(Content(file.path()), Not(HasSubstr("refresh-of-a"))) << file.path();
      struct stat status {};
      ASSERT_EQ(stat(file.path().c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 0777, 0600u) << file.path();
    }
  }
}

TEST(SqliteStore, DoesNotOpenATokenThatWasMovedToAnotherRow) {
  TemporaryDirectory directory;
  {
    auto store = OpenStore(directory.path);
    ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
    ASSERT_TRUE((*store)->PutAccount(AnAccount("b")).ok());
  }
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE(
        (*database)
            ->Execute(
                "UPDATE accounts SET access_token=(SELECT access_token FROM accounts WHERE ref='a') WHERE ref='b'")
            .ok());
  }
  auto store = OpenStore(directory.path);
  ASSERT_TRUE(store.ok());
  const auto accounts = (*store)->LoadAccounts();
  ASSERT_FALSE(accounts.ok());
  EXPECT_EQ(accounts.error().code, ErrorCode::kFailedPrecondition);
}

TEST(SqliteStore, RefusesAnotherKey) {
  TemporaryDirectory directory;
  { ASSERT_TRUE(OpenStore(directory.path, 'k').ok()); }
  const auto store = OpenStore(directory.path, 'x');
  ASSERT_FALSE(store.ok());
  EXPECT_THAT(store.error().message, HasSubstr("sealed with another key"));
}

TEST(SqliteStore, RefusesADamagedFileAndLeavesItAsItIs) {
  TemporaryDirectory directory;
  const std::string garbage = "this is not a database, although it has the name of one\n" + std::string(8192, 'x');
  std::ofstream(directory.path / "accounts.db") << garbage;
  const auto store = OpenStore(directory.path);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(store.error().message, HasSubstr("accounts.db"));
  EXPECT_EQ(Content(directory.path / "accounts.db"), garbage);
}

TEST(SqliteStore, NoticesAPageThatWasOverwritten) {
  TemporaryDirectory directory;
  {
    auto store = OpenStore(directory.path);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE((*store)->PutAccount(AnAccount("a" + std::to_string(i))).ok());
  }
  {
    std::fstream file(directory.path / "accounts.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    for (int page = 1; page < 40; ++page) file << std::string(4096, '\x7f');
  }
  const auto store = OpenStore(directory.path);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::kFailedPrecondition);
}

TEST(SqliteStore, UndoesAWholeTransaction) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  const auto done = (*store)->InTransaction([&]() -> Result<void> {
    RETURN_IF_ERROR((*store)->PutAccount(AnAccount("a")));
    return Error(ErrorCode::kInternal, "changed our mind");
  });
  EXPECT_FALSE(done.ok());
  EXPECT_TRUE((*store)->LoadAccounts()->empty());
}

TEST(SqliteStore, UndoesOnlyTheInnerOfTwo) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)
                  ->InTransaction([&]() -> Result<void> {
                    RETURN_IF_ERROR((*store)->PutAccount(AnAccount("a")));
                    (void)(*store)->InTransaction([&]() -> Result<void> {
                      RETURN_IF_ERROR((*store)->PutAccount(AnAccount("b")));
                      return Error(ErrorCode::kInternal, "not this one");
                    });
                    return {};
                  })
                  .ok());
  EXPECT_EQ((*store)->LoadAccounts()->size(), 1u);
}

TEST(SqliteStore, LoadsTenThousandAccountsQuickly) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)
                  ->InTransaction([&]() -> Result<void> {
                    for (int i = 0; i < 10'000; ++i)
                      RETURN_IF_ERROR((*store)->PutAccount(AnAccount("a" + std::to_string(i))));
                    return {};
                  })
                  .ok());
  EXPECT_EQ((*store)->LoadAccounts()->size(), 10'000u);
}

}  // namespace
}  // namespace patchbay::accounts
