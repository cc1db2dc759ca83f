#include "workers/accounts/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/workers/accounts/store/store_fixture.h"
#include "workers/accounts/store/migrations.h"

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
        (*store)->PutWindows(AccountId("a"), {{"", std::chrono::seconds(18000), 12.5, std::nullopt, mark.since}}).ok());
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
  ASSERT_EQ(account.windows.size(), 1u);
  EXPECT_EQ(account.windows[0].used_percent, 12.5);
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

TEST(SqliteStore, RefusesTheShapeOfANewerPatchbay) {
  TemporaryDirectory directory;
  { ASSERT_TRUE(OpenStore(directory.path).ok()); }
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE((*database)->Execute("PRAGMA user_version=999").ok());
  }
  const auto store = OpenStore(directory.path);
  ASSERT_FALSE(store.ok());
  EXPECT_THAT(store.error().message, HasSubstr("a newer one has used it"));
}

TEST(SqliteStore, BringsEveryEarlierShapeForward) {
  for (const Migration& step : Migrations()) {
    TemporaryDirectory directory;
    {
      auto database = sqlite::Database::Open(directory.path / "accounts.db");
      ASSERT_TRUE(Migrate(**database, step.version).ok());
      ASSERT_TRUE((*database)
                      ->Execute("INSERT INTO usage(lease_id, request_id, account, client_key_id, model, served_model, "
                                "dialect, outcome, input_tokens,"
                                " cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, "
                                "started_at, total_ms, attempts, failure)"
                                " VALUES ('old','r','a','k','m','m','d',1,1,0,0,1,0,77,1,1,'')")
                      .ok());
    }
    auto store = OpenStore(directory.path);
    ASSERT_TRUE(store.ok()) << "from shape " << step.version << ": " << store.error().message;
    ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
    ASSERT_TRUE((*store)->PutIntent({AccountId("a"), 1, WallTime()}).ok());
    EXPECT_EQ((*store)->ListUsage(10, "")->total_rows, 1);
  }
}

TEST(SqliteStore, KeepsEveryColumnOfAUsageRow) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  UsageRecord usage = AUsage("l1");
  usage.model = "smart";
  usage.provider = "codex";
  usage.wire_model = "gpt-5.5";
  usage.served_model = "gpt-5.5-2026";
  usage.service_tier = "priority";
  usage.dialect = "openai_chat";
  usage.outcome = 3;
  usage.cached_input_tokens = 3;
  usage.cache_write_tokens = 4;
  usage.reasoning_tokens = 5;
  usage.usage_estimated = true;
  usage.first_output = std::chrono::milliseconds(321);
  usage.attempts = 2;
  usage.failure = "stream broke";
  UsageRecord lost = AUsage("l2");
  lost.outcome = kOutcomeLost;
  ASSERT_TRUE((*store)->AddUsage(lost).ok());
  for (const char* lease : {"l1", "l2"}) {  // written, and filled in
    usage.lease = LeaseId(lease);
    ASSERT_TRUE((*store)->AddUsage(usage).ok());
  }
  const auto page = (*store)->ListUsage(10, "");
  ASSERT_EQ(page->rows.size(), 2u);
  for (const UsageRecord& row : page->rows) {
    EXPECT_EQ(row.model, "smart");
    EXPECT_EQ(row.provider, "codex");
    EXPECT_EQ(row.wire_model, "gpt-5.5");
    EXPECT_EQ(row.served_model, "gpt-5.5-2026");
    EXPECT_EQ(row.service_tier, "priority");
    EXPECT_EQ(row.dialect, "openai_chat");
    EXPECT_EQ(row.outcome, 3);
    EXPECT_EQ(row.cached_input_tokens, 3);
    EXPECT_EQ(row.cache_write_tokens, 4);
    EXPECT_EQ(row.reasoning_tokens, 5);
    EXPECT_TRUE(row.usage_estimated);
    EXPECT_EQ(row.first_output, std::chrono::milliseconds(321));
    EXPECT_EQ(row.attempts, 2);
    EXPECT_EQ(row.failure, "stream broke");
  }
}

TEST(SqliteStore, TellsTheNamesApartThatEarlierRowsMixed) {
  TemporaryDirectory directory;
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE(Migrate(**database, 3).ok());
    const auto row = [&](const std::string& lease, const std::string& model, int outcome) {
      return (*database)
          ->Execute(
              "INSERT INTO usage(lease_id, request_id, account, client_key_id, model, served_model, dialect,"
              " outcome, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,"
              " reasoning_tokens, started_at, total_ms, attempts, failure) VALUES ('" +
              lease + "','r','a','k','" + model + "','s','d'," + std::to_string(outcome) + ",1,0,0,1,0,77,1,1,'')")
          .ok();
    };
    ASSERT_TRUE(row("settled", "smart", 1));
    ASSERT_TRUE(row("lost", "gpt-5.5", kOutcomeLost));
    ASSERT_TRUE(
        (*database)->Execute("INSERT INTO accounts VALUES (1,'a','codex','','','','','','',0,1,'','','',1,0)").ok());
  }
  auto store = OpenStore(directory.path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto page = (*store)->ListUsage(10, "");
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[0].wire_model, "gpt-5.5") << "of a lost call the name on the wire was kept";
  EXPECT_EQ(page->rows[1].model, "smart");
  EXPECT_EQ(page->rows[1].wire_model, "") << "what was not kept is not invented";
  EXPECT_EQ(page->rows[1].provider, "codex");
  EXPECT_FALSE(page->rows[1].usage_estimated);
}

TEST(SqliteStore, CountsASettlementOnce) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  EXPECT_EQ(*(*store)->AddUsage(AUsage("l1")), true);
  EXPECT_EQ(*(*store)->AddUsage(AUsage("l1")), false);
  EXPECT_EQ((*store)->ListUsage(10, "")->total_rows, 1);
  EXPECT_EQ((*store)->LoadAccounts()->front().requests_total, 1);
}

TEST(SqliteStore, FillsInALostCallThatIsSettledAfterAll) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  UsageRecord lost = AUsage("l1");
  lost.outcome = kOutcomeLost;
  lost.input_tokens = 0;
  EXPECT_EQ(*(*store)->AddUsage(lost), true);
  EXPECT_EQ(*(*store)->AddUsage(AUsage("l1")), false);
  EXPECT_EQ(*(*store)->AddUsage(lost), false) << "what is known stays";
  const auto page = (*store)->ListUsage(10, "");
  ASSERT_EQ(page->rows.size(), 1u);
  EXPECT_EQ(page->rows[0].outcome, AUsage("l1").outcome);
  EXPECT_EQ(page->rows[0].input_tokens, AUsage("l1").input_tokens);
  EXPECT_EQ((*store)->LoadAccounts()->front().requests_total, 1);
}

TEST(SqliteStore, KeepsUsageOfAnAccountThatIsGone) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  ASSERT_TRUE((*store)->PutAccount(AnAccount("a")).ok());
  ASSERT_TRUE((*store)->PutIntent({AccountId("a"), 1, WallTime()}).ok());
  ASSERT_TRUE((*store)->AddUsage(AUsage("l1")).ok());
  ASSERT_TRUE((*store)->RemoveAccount(AccountId("a")).ok());
  EXPECT_TRUE((*store)->AddUsage(AUsage("l2")).ok()) << "a call that was under way";
  EXPECT_EQ((*store)->ListUsage(10, "")->total_rows, 2);
  EXPECT_TRUE((*store)->LoadIntents()->empty());
}

TEST(SqliteStore, ListsUsageNewestFirstAndByRequest) {
  TemporaryDirectory directory;
  auto store = OpenStore(directory.path);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE((*store)->AddUsage(AUsage("l" + std::to_string(i))).ok());
  const auto page = (*store)->ListUsage(2, "");
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[0].lease, LeaseId("l4"));
  EXPECT_EQ(page->total_rows, 5);
  EXPECT_EQ((*store)->ListUsage(10, "req-l2")->rows.size(), 1u);
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
