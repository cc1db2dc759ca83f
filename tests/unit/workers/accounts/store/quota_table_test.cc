#include "workers/accounts/store/quota_table.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

const WallTime kSeen{std::chrono::seconds(1'790'000'000)};

struct QuotaTable {
  QuotaTable() {
    for (const char* name : {"a", "b"}) {
      StoredAccount account;
      account.ref = AccountId(name);
      account.provider = "codex";
      EXPECT_TRUE(store->PutAccount(account).ok());
    }
  }
  QuotaState Of(std::size_t account) { return store->LoadAccounts()->at(account).quota; }
  QuotaPoints Points(WallTime since = {}, int limit = 100) {
    return *store->ListQuotaPoints(AccountId("a"), since, limit);
  }
  TemporaryDirectory directory;
  std::unique_ptr<SqliteStore> store = std::move(*OpenStore(directory.path));
};

TEST(QuotaTable, GivesBackWhatWasKept) {
  QuotaTable table;
  QuotaState quota;
  quota.windows = {{"", 18000s, 12.5, kSeen + 1h, kSeen, 3.25, kSeen - 1h},
                   {"spark", 18000s, 100, std::nullopt, kSeen}};
  quota.credits = CreditFacts{true, false, "12.50"};
  quota.reset_credits = 2;
  quota.limit_names = {{"spark", "GPT Spark"}};
  ASSERT_TRUE(table.store->PutQuota(AccountId("a"), quota).ok());
  const QuotaState kept = table.Of(0);
  ASSERT_EQ(kept.windows.size(), 2u);
  EXPECT_EQ(kept.windows[0].used_percent, 12.5);
  EXPECT_EQ(kept.windows[0].resets_at, kSeen + 1h);
  EXPECT_EQ(kept.windows[0].spent_lately, 3.25);
  EXPECT_EQ(kept.windows[0].watched_since, kSeen - 1h);
  EXPECT_EQ(kept.credits, quota.credits);
  EXPECT_EQ(kept.reset_credits, 2);
  EXPECT_EQ(kept.limit_names, quota.limit_names);
  EXPECT_FALSE(table.Of(1).credits);
}

TEST(QuotaTable, KeepsNothingOfWhatIsGone) {
  QuotaTable table;
  QuotaState quota;
  quota.windows = {{"", 18000s, 12, std::nullopt, kSeen}, {"", 604800s, 31, std::nullopt, kSeen}};
  quota.credits = CreditFacts{true, false, "1"};
  ASSERT_TRUE(table.store->PutQuota(AccountId("a"), quota).ok());
  quota.windows.pop_back();
  quota.credits.reset();
  ASSERT_TRUE(table.store->PutQuota(AccountId("a"), quota).ok());
  EXPECT_EQ(table.Of(0).windows.size(), 1u);
  EXPECT_FALSE(table.Of(0).credits);
  EXPECT_TRUE(table.store->PutQuota(AccountId("removed meanwhile"), quota).ok());
}

TEST(QuotaTable, HasOnePointOfEachWindowAndTime) {
  QuotaTable table;
  const auto add = [&](double used, WallTime at) {
    ASSERT_TRUE(table.store->AddQuotaPoints(AccountId("a"), {{"", 18000s, used, kSeen + 5h, at}}).ok());
  };
  add(1, kSeen);
  add(2, kSeen);  // the last one counts
  add(3, kSeen + 15min);
  const QuotaPoints all = table.Points();
  ASSERT_EQ(all.points.size(), 2u);
  EXPECT_EQ(all.points[0], (QuotaPoint{"", 18000s, 2, kSeen + 5h, kSeen}));
  EXPECT_FALSE(all.cut);
  EXPECT_EQ(table.Points(kSeen + 1min).points.size(), 1u);
  const QuotaPoints cut = table.Points({}, 1);
  ASSERT_EQ(cut.points.size(), 1u);
  EXPECT_EQ(cut.points[0].used_percent, 3) << "the latest";
  EXPECT_TRUE(cut.cut);
}

TEST(QuotaTable, ForgetsPointsThatAreOldOrTooMany) {
  QuotaTable table;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(
        table.store->AddQuotaPoints(AccountId("a"), {{"", 18000s, 1.0 * i, std::nullopt, kSeen + i * 15min}}).ok());
  }
  ASSERT_TRUE(table.store->TrimQuotaPoints(kSeen + 30min, 1000).ok());
  EXPECT_EQ(table.Points().points.size(), 8u);
  ASSERT_TRUE(table.store->TrimQuotaPoints(kSeen, 3).ok());
  EXPECT_EQ(table.Points().points.size(), 3u);
  EXPECT_EQ(table.Points().points[0].used_percent, 7);
  ASSERT_TRUE(table.store->RemoveAccount(AccountId("a")).ok());
  EXPECT_TRUE(table.Points().points.empty()) << "they go with their account";
}

}  // namespace
}  // namespace patchbay::accounts
