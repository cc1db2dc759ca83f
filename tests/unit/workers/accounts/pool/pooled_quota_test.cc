#include "workers/accounts/pool/pooled_quota.h"

#include <gtest/gtest.h>

#include <deque>

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

const WallTime kPooledAt{std::chrono::seconds(1'790'000'000)};

struct Members {
  PoolAccount& Add(std::vector<WindowFacts> windows, std::string plan = "plus") {
    PoolAccount& account = accounts.emplace_back();
    account.facts.id = AccountId("a" + std::to_string(accounts.size()));
    account.facts.plan = std::move(plan);
    account.facts.has_access_token = true;
    QuotaFacts facts;
    facts.windows = std::move(windows);
    account.quota.Merge(facts, kPooledAt);
    return account;
  }
  PooledQuota Pool() const {
    std::vector<const PoolAccount*> list;
    for (const PoolAccount& account : accounts) list.push_back(&account);
    return PooledQuotaOf("codex", list, kPooledAt);
  }
  std::deque<PoolAccount> accounts;
};

TEST(PooledQuota, IsTheMeanByLimitAndLengthAndResetsWithTheFirstThatHasSomethingToReset) {
  Members members;
  members.Add({{"primary", 20, 5h, kPooledAt + 3h}, {"secondary", 10, 168h, kPooledAt + 90h}});
  members.Add({{"primary", 60, 5h, kPooledAt + 2h}});
  members.Add({{"primary", 0, 5h, kPooledAt + 1h}});
  const PooledQuota pool = members.Pool();
  ASSERT_EQ(pool.windows.size(), 2u);
  EXPECT_DOUBLE_EQ(pool.windows[0].used_percent, 80.0 / 3);
  EXPECT_EQ(pool.windows[0].resets_at, kPooledAt + 2h);
  EXPECT_EQ(pool.windows[1].used_percent, 10) << "of those that have such a window";
  EXPECT_TRUE(pool.has_room);
}

TEST(PooledQuota, CountsByWeight) {
  Members members;
  members.Add({{"primary", 100, 5h, kPooledAt + 3h}}).facts.weight = 3;
  members.Add({{"primary", 20, 5h, kPooledAt + 2h}});
  EXPECT_EQ(members.Pool().windows[0].used_percent, 80);
}

TEST(PooledQuota, LeavesOutWhoCannotServeWhateverItHas) {
  Members members;
  members.Add({{"primary", 10, 5h, kPooledAt + 3h}});
  members.Add({{"primary", 90, 5h, kPooledAt + 2h}}).mark.state = AccountState::kBanned;
  members.Add({{"primary", 90, 5h, kPooledAt + 2h}}).facts.enabled = false;
  EXPECT_EQ(members.Pool().windows[0].used_percent, 10);
}

TEST(PooledQuota, IsNotFullWhileOneHasRoom) {
  Members members;
  for (int i = 0; i < 300; ++i)
    members.Add({{"primary", 100, 5h, kPooledAt + 3h}}).mark.state = AccountState::kExhausted;
  members.Add({{"primary", 99, 5h, kPooledAt + 2h}});
  const PooledQuota pool = members.Pool();
  EXPECT_TRUE(pool.has_room);
  EXPECT_LE(pool.windows[0].used_percent, 99);
}

TEST(PooledQuota, WithoutRoomIsTheAccountThatIsBackFirst) {
  Members members;
  PoolAccount& late = members.Add({{"primary", 30, 5h, kPooledAt + 1h}, {"secondary", 100, 168h, kPooledAt + 90h}});
  late.mark.state = AccountState::kExhausted;
  late.mark.until = kPooledAt + 90h;
  PoolAccount& soon = members.Add({{"primary", 100, 5h, kPooledAt + 2h}, {"secondary", 40, 168h, kPooledAt + 50h}});
  soon.mark.state = AccountState::kExhausted;
  soon.mark.until = kPooledAt + 2h;
  const PooledQuota pool = members.Pool();
  EXPECT_FALSE(pool.has_room);
  EXPECT_EQ(pool.back_at, kPooledAt + 2h);
  EXPECT_EQ(pool.windows[0].used_percent, 100);
  EXPECT_EQ(pool.windows[0].resets_at, kPooledAt + 2h);
  EXPECT_EQ(pool.windows[1].used_percent, 40);
}

TEST(PooledQuota, InventsNothing) {
  Members members;
  members.Add({}, "");
  const PooledQuota pool = members.Pool();
  EXPECT_TRUE(pool.windows.empty());
  EXPECT_FALSE(pool.credits);
  EXPECT_EQ(pool.plan, "");
  EXPECT_TRUE(pool.has_room) << "an account without numbers serves until it is refused";
  EXPECT_FALSE(Members().Pool().has_room);
}

TEST(PooledQuota, SaysThePlanOfMostAndTheSumOfCredits) {
  Members members;
  QuotaFacts credits;
  for (const char* balance : {"1.50", "2.25"}) {
    credits.credits = CreditFacts{true, false, balance};
    members.Add({}, "pro").quota.Merge(credits, kPooledAt);
  }
  members.Add({}, "plus");
  PooledQuota pool = members.Pool();
  EXPECT_EQ(pool.plan, "pro");
  EXPECT_EQ(pool.credits->balance, "3.75");
  credits.credits = CreditFacts{true, false, "some"};
  members.Add({}, "plus").quota.Merge(credits, kPooledAt);
  pool = members.Pool();
  EXPECT_EQ(pool.credits->balance, "") << "what does not add up is not shown";
}

TEST(PooledQuota, OfCallersOwnLoginsIsTheirOwn) {
  Members members;
  PoolAccount& callers = members.Add({{"primary", 10, 5h, kPooledAt + 3h}});
  callers.facts.is_callers = true;
  const PooledQuota pool = members.Pool();
  EXPECT_EQ(pool.callers_account, callers.facts.id);
  EXPECT_TRUE(pool.windows.empty());
}

}  // namespace
}  // namespace patchbay::accounts
