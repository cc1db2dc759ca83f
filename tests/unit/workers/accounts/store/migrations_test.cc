#include "workers/accounts/store/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/sqlite/sqlite.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

// The one number that a query gives. `sql` must be a literal.
std::int64_t Number(sqlite::Database& database, const char* sql) {
  const auto query = database.Prepare(sql);
  EXPECT_TRUE(query.ok()) << sql;
  EXPECT_TRUE(*(*query)->Step()) << sql;
  return (*query)->Integer(0);
}

// In the shape of before shape 4.
bool InsertAccount(sqlite::Database& database, const std::string& ref) {
  return database.Execute("INSERT INTO accounts VALUES (1,'" + ref + "','codex','','','','','','',0,1,'','','',1,0)")
      .ok();
}

TEST(Migrations, AreNumberedWithoutAGap) {
  int version = 0;
  for (const Migration& step : Migrations()) EXPECT_EQ(step.version, ++version) << step.what;
  EXPECT_EQ(LatestVersion(), version);
}

TEST(Migrations, StopAtTheirTargetAndDoNothingTwice) {
  TemporaryDirectory directory;
  auto database = sqlite::Database::Open(directory.path / "accounts.db");
  for (const int target : {2, 2, 1}) {
    ASSERT_TRUE(Migrate(**database, target).ok());
    EXPECT_EQ(Number(**database, "PRAGMA user_version"), 2);
  }
  EXPECT_EQ(Number(**database, "SELECT COUNT(*) FROM sqlite_master WHERE name='model_lists'"), 0);
  ASSERT_TRUE(Migrate(**database, LatestVersion()).ok());
  EXPECT_EQ(Number(**database, "PRAGMA user_version"), LatestVersion());
}

TEST(Migrations, TakeBackAStepThatFailsInItsMiddle) {
  TemporaryDirectory directory;
  auto database = sqlite::Database::Open(directory.path / "accounts.db");
  ASSERT_TRUE(Migrate(**database, 1).ok());
  ASSERT_TRUE((*database)->Execute("CREATE TABLE quota_windows (foreign_to_us INTEGER)").ok());
  const auto done = Migrate(**database, LatestVersion());
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(done.error().message, HasSubstr("migration to shape 2 failed"));
  EXPECT_EQ(Number(**database, "PRAGMA user_version"), 1);
  EXPECT_EQ(Number(**database, "SELECT COUNT(*) FROM sqlite_master WHERE name='refresh_intents'"), 0)
      << "made by the same step, before what failed";
  ASSERT_TRUE((*database)->Execute("DROP TABLE quota_windows").ok());
  EXPECT_TRUE(Migrate(**database, LatestVersion()).ok());
}

TEST(Migrations, CountTheRequestsThatWereMadeBeforeThereWereCounters) {
  TemporaryDirectory directory;
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE(Migrate(**database, 1).ok());
    ASSERT_TRUE(InsertAccount(**database, "a"));
    for (const char* row : {"'l1','r1','a',70", "'l2','r2','a',90", "'l3','r3','gone',99"}) {
      ASSERT_TRUE((*database)
                      ->Execute("INSERT INTO usage(lease_id, request_id, account, started_at, client_key_id, model,"
                                " served_model, dialect, outcome, input_tokens, cached_input_tokens,"
                                " cache_write_tokens, output_tokens, reasoning_tokens, total_ms, attempts, failure)"
                                " VALUES (" +
                                std::string(row) + ",'k','m','s','d',1,1,0,0,1,0,1,1,'')")
                      .ok());
    }
    ASSERT_TRUE(Migrate(**database, 2).ok());
    EXPECT_EQ(Number(**database, "SELECT COUNT(*) FROM account_counters"), 1) << "none of an account that is gone";
    EXPECT_EQ(Number(**database, "SELECT requests_total FROM account_counters"), 2);
    EXPECT_EQ(Number(**database, "SELECT last_used_at FROM account_counters"), 90);
  }
}

TEST(Migrations, AddUpWhatWasUsedBeforeThereWereSumsAndInventNoCost) {
  TemporaryDirectory directory;
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE(Migrate(**database, 9).ok());
    // Lease, outcome, tokens out, the time to the first output; two within an hour.
    for (const char* row : {"'l1',1,7,50,3600000", "'l2',3,5,NULL,3700000", "'l3',2,0,NULL,7200000"}) {
      ASSERT_TRUE((*database)
                      ->Execute("INSERT INTO usage(lease_id, outcome, output_tokens, first_output_ms, started_at,"
                                " request_id, account, client_key_id, model, wire_model, provider, service_tier,"
                                " served_model, dialect, input_tokens, cached_input_tokens, cache_write_tokens,"
                                " reasoning_tokens, total_ms, attempts, failure) VALUES (" +
                                std::string(row) + ",'r','a','k','m','w','p','t','s','d',0,0,0,0,100,1,'')")
                      .ok());
    }
  }
  auto store = OpenStore(directory.path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  UsageQuestion question;
  question.by = UsageBy::kHour;
  question.filter.since = WallTime{};
  question.filter.until = WallTime(std::chrono::hours(10));
  question.limit = 10;
  const auto sums = (*store)->SumUsage(question);
  ASSERT_TRUE(sums.ok()) << sums.error().message;
  ASSERT_EQ(sums->groups.size(), 2u);
  const UsageSum& first = sums->groups[0].sum;
  EXPECT_EQ(first.requests, 2);
  EXPECT_EQ(first.abandoned, 1);
  EXPECT_EQ(first.output_tokens, 12);
  EXPECT_EQ(first.unpriced, 2) << "what it cost nobody knows any more";
  EXPECT_EQ(first.first_output_ms, 50);
  EXPECT_EQ(first.first_outputs, 1);
  EXPECT_EQ(first.total_ms, 200);
  EXPECT_EQ(sums->groups[1].sum.failed, 1);
  EXPECT_EQ(sums->groups[1].sum.unpriced, 0) << "what used nothing cost nothing";
}

TEST(Migrations, RefuseTheShapeOfANewerPatchbay) {
  TemporaryDirectory directory;
  { ASSERT_TRUE(OpenStore(directory.path).ok()); }
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE((*database)->Execute("PRAGMA user_version=999").ok());
  }
  const auto store = OpenStore(directory.path);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(store.error().message, HasSubstr("a newer one has used it"));
}

TEST(Migrations, TakeARefreshThatWasUnderWayForOneThatMayHaveSpentItsToken) {
  TemporaryDirectory directory;
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE(Migrate(**database, 3).ok());
    ASSERT_TRUE(InsertAccount(**database, "a"));
    ASSERT_TRUE((*database)->Execute("INSERT INTO refresh_intents VALUES ('a', 1, 77)").ok());
    ASSERT_TRUE(Migrate(**database, LatestVersion()).ok());
  }
  auto store = OpenStore(directory.path);
  const auto claims = (*store)->LoadClaims();
  ASSERT_EQ(claims->size(), 1u);
  EXPECT_EQ(claims->front().shown_at, WallTime(std::chrono::milliseconds(77)));
  const WallTime later(std::chrono::milliseconds(78));
  const auto claimed = (*store)->ClaimRefresh({AccountId("a"), 1, "n", later, later, std::nullopt});
  EXPECT_EQ(claimed->kind, ClaimAnswer::Kind::kOurs) << "nobody holds it";
}

TEST(Migrations, KeepTheSecretsOfClientKeysAndWhatTheyHaveUsedOfTheDay) {
  TemporaryDirectory directory;
  {
    auto database = sqlite::Database::Open(directory.path / "accounts.db");
    ASSERT_TRUE(Migrate(**database, 14).ok());
    ASSERT_TRUE((*database)
                    ->Execute("INSERT INTO client_keys VALUES ('ck_1','laptop','wxyz',x'" + std::string(64, 'a') +
                              "',77,NULL,2)")
                    .ok());
    for (const char* row : {"30,'ck_1','openai',10,0,5", "31,'ck_1','codex',20,9,0", "50,'ck_1','codex',1,0,1"}) {
      ASSERT_TRUE(
          (*database)
              ->Execute("INSERT INTO usage_hours(hour, client_key_id, provider, output_tokens,"
                        " subscription_nano, cost_nano, account, model, tier, requests, failed, abandoned, lost,"
                        " estimated, unpriced, input_tokens, cached_input_tokens, cache_write_tokens,"
                        " reasoning_tokens, total_ms, first_output_ms, first_outputs) VALUES (" +
                        std::string(row) + ",'a','m','',1,0,0,0,0,0,2,0,0,0,1,0,0)")
              .ok());
    }
  }
  auto store = OpenStore(directory.path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto keys = (*store)->LoadClientKeys();
  ASSERT_TRUE(keys.ok() && keys->size() == 1u);
  EXPECT_EQ(keys->front().name, "laptop");
  EXPECT_EQ(keys->front().quota_view, 2);
  EXPECT_EQ(keys->front().secrets, (std::vector<KeySecret>{{std::string(32, '\xaa'), std::nullopt}}));
  EXPECT_EQ(keys->front().terms.ByteSizeLong(), 0u) << "no limits";
  const std::chrono::sys_days first{std::chrono::days(1)};
  const std::vector<KeyDay> used = {{ClientKeyId("ck_1"), first, 34, 14},
                                    {ClientKeyId("ck_1"), first + std::chrono::days(1), 3, 1}};
  EXPECT_EQ(*(*store)->LoadKeyDays({}), used);
}

TEST(Migrations, TellTheNamesApartThatEarlierRowsMixed) {
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
    ASSERT_TRUE(InsertAccount(**database, "a"));
  }
  auto store = OpenStore(directory.path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto page = (*store)->ListUsage(10, "", {});
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[0].wire_model, "gpt-5.5") << "of a lost call the name on the wire was kept";
  EXPECT_EQ(page->rows[1].model, "smart");
  EXPECT_EQ(page->rows[1].wire_model, "") << "what was not kept is not invented";
  EXPECT_EQ(page->rows[1].provider, "codex");
  EXPECT_FALSE(page->rows[1].usage_estimated);
}

}  // namespace
}  // namespace patchbay::accounts
