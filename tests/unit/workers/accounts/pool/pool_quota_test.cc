// What the pool learns of quota: extra limits, credits, warnings, looks at usage endpoints, and whom it believes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSpark = "codex_bengalfox";
constexpr const char* kSparkModel = "gpt-5.3-codex-spark";

UsageAnswer Reading(std::vector<WindowFacts> windows, bool reached = false) {
  UsageAnswer answer;
  answer.http_status = 200;
  answer.quota.windows = std::move(windows);
  answer.quota.limit_reached = reached;
  answer.quota.whole = true;
  return answer;
}

FailureFacts UsageLimit(std::optional<WallTime> resets_at) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.code = "usage_limit_reached";
  failure.resets_at = resets_at;
  return failure;
}

struct QuotaWorld : World {
  using World::World;
  void SettleWith(const Granted& grant, QuotaFacts quota) {
    SettleArgs args;
    args.lease = grant.lease;
    args.succeeded = true;
    args.quota = std::move(quota);
    Take(pool.Settle(args, now));
  }
  void Use(const std::string& request, std::vector<WindowFacts> windows) {
    const Granted grant = MustGrant(request);
    QuotaFacts quota;
    quota.windows = std::move(windows);
    SettleWith(grant, std::move(quota));
  }
  // Ticks until the account is looked at, and answers.
  void Look(const AccountId& account, const UsageAnswer& answer) {
    for (int second = 0; second < 3600 && All<UsageWanted>().empty(); second += 5) Pass(5s);
    Take(pool.UsageChecked(account, answer, now));
  }
  void Exhaust(const AccountId& account, const std::string& request, std::optional<WallTime> until) {
    Acquire(request);
    const auto granted = One<Granted>();
    ASSERT_TRUE(granted && granted->account == account);
    Retry(*granted, UsageLimit(until));
    (void)All<Denied>();
    ASSERT_EQ(StateOf(account), AccountState::kExhausted);
  }
};

TEST(PoolQuota, AnExtraLimitThatIsUsedUpKeepsItsModelAndNoOther) {
  QuotaWorld world;
  const AccountId a = world.Add("a");
  world.Acquire("r1", "", "", std::nullopt, kSparkModel);
  const auto granted = world.One<Granted>();
  ASSERT_TRUE(granted);
  QuotaFacts quota;
  quota.active_limit = kSpark;
  quota.windows = {{"primary", 40, 5h, world.now.wall + 1h}, {kSpark, 100, 5h, world.now.wall + 2h}};
  world.Retry(*granted, UsageLimit(world.now.wall + 2h), quota);
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kExhausted);
  EXPECT_EQ(denied->available_at, world.now.wall + 2h);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  const auto spent = world.One<LimitSpent>();
  ASSERT_TRUE(spent);
  EXPECT_EQ(spent->spent.limit, kSpark);

  world.Settle(world.MustGrant("r2"));  // another model
  world.Acquire("r3", "", "", std::nullopt, kSparkModel);
  EXPECT_TRUE(world.One<Denied>()) << "nobody is asked again";
  const auto explained = world.Explain("", "codex", kSparkModel).accounts;
  EXPECT_NE(explained[0].reason.find("its limit codex_bengalfox for gpt-5.3-codex-spark is used up until"),
            std::string::npos)
      << explained[0].reason;

  world.Pass(2h);
  world.Acquire("r4", "", "", std::nullopt, kSparkModel);
  EXPECT_TRUE(world.One<Granted>()) << "its time is over";
}

TEST(PoolQuota, AnExtraLimitIsKnownByTheNameOfItsModel) {
  QuotaWorld world;
  world.Add("a");
  QuotaFacts quota;
  quota.windows = {{kSpark, 100, 5h, world.now.wall + 2h}};
  quota.limit_names = {{kSpark, "GPT-5.3-Codex-Spark"}};
  world.SettleWith(world.MustGrant("r1"), quota);
  world.Acquire("r2", "", "", std::nullopt, kSparkModel);
  EXPECT_TRUE(world.One<Denied>()) << "its own numbers show it";
  quota.windows[0].used_percent = 3;
  world.Pass(1s);
  world.SettleWith(world.MustGrant("r3"), quota);
  world.Acquire("r4", "", "", std::nullopt, kSparkModel);
  EXPECT_TRUE(world.One<Granted>()) << "a later reading shows room";
}

TEST(PoolQuota, AWindowAtItsLimitIsNotAskedUntilItResets) {
  QuotaWorld world;
  const AccountId a = world.Add("a"), b = world.Add("b");
  const Granted first = world.MustGrant("r1");
  QuotaFacts quota;
  quota.windows = {{"primary", 100, 5h, world.now.wall + 1h}};
  world.SettleWith(first, quota);
  EXPECT_EQ(world.StateOf(first.account), AccountState::kExhausted);
  for (int i = 0; i < 4; ++i) EXPECT_NE(world.MustGrant("more" + std::to_string(i)).account, first.account);
  world.Pass(1h);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  EXPECT_EQ(world.StateOf(b), AccountState::kActive);
}

TEST(PoolQuota, AWindowAtItsLimitIsAskedWhereTheOperatorSaysSoOrCreditsPay) {
  PoolSettings settings = DefaultSettings();
  settings.skip_exhausted = false;
  QuotaWorld asks(settings);
  const AccountId a = asks.Add("a");
  asks.Use("r1", {{"primary", 100, 5h, asks.now.wall + 1h}});
  EXPECT_EQ(asks.StateOf(a), AccountState::kActive);

  QuotaWorld pays;
  const AccountId b = pays.Add("b");
  QuotaFacts quota;
  quota.windows = {{"primary", 100, 5h, pays.now.wall + 1h}};
  quota.credits = CreditFacts{true, false, "5"};
  pays.SettleWith(pays.MustGrant("r1"), quota);
  EXPECT_EQ(pays.StateOf(b), AccountState::kActive);
}

TEST(PoolQuota, WarnsOnceForEachThresholdAndWindow) {
  QuotaWorld world;
  world.Add("a");
  const auto at = [&](double used, std::chrono::milliseconds reset) {
    world.Pass(1s);
    world.Use("r" + std::to_string(world.next_lease), {{"primary", used, 5h, world.now.wall + reset}});
    std::vector<int> thresholds;
    for (const Happened& told : world.All<Happened>()) {
      if (told.kind != events::v1::EVENT_KIND_QUOTA_LOW) continue;
      EXPECT_EQ(told.part, "5h window");
      EXPECT_THAT(told.evidence, HasSubstr("past " + std::to_string(told.threshold) + " %"));
      thresholds.push_back(told.threshold);
    }
    return thresholds;
  };
  EXPECT_EQ(at(79, 1h), std::vector<int>());
  EXPECT_EQ(at(81, 1h), std::vector<int>{80});
  EXPECT_EQ(at(90, 1h), std::vector<int>());
  EXPECT_EQ(at(96, 1h), std::vector<int>{95});
  EXPECT_EQ(at(97, 10s), std::vector<int>());
  world.Pass(10s);
  EXPECT_EQ(at(99, 5h), std::vector<int>{95}) << "another window: one warning, of the highest";
}

TEST(PoolQuota, AReadingThatShowsRoomEndsARefusalThatIsOlder) {
  QuotaWorld world;
  const AccountId a = world.Add("a");
  world.Exhaust(a, "r1", world.now.wall + 18 * 24h);
  world.Look(a, Reading({{"primary", 0, 5h, world.now.wall + 5h}}));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive) << "a reset that came early";
}

TEST(PoolQuota, AReadingThatWasAskedForBeforeTheRefusalEndsNothing) {
  QuotaWorld world;
  const AccountId a = world.Add("a");
  const Granted slow = world.MustGrant("r1");
  world.Exhaust(a, "r2", world.now.wall + 3h);
  world.Pass(16s);  // a look is under way
  ASSERT_EQ(world.All<UsageWanted>().size(), 1u);
  world.Pass(1s);
  world.Retry(slow, UsageLimit(world.now.wall + 3h));  // refused again meanwhile
  world.Take(world.pool.UsageChecked(a, Reading({{"primary", 5, 5h, world.now.wall + 4h}}), world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
}

TEST(PoolQuota, AReadingThatContradictsRefusalsIsBelievedOnce) {
  QuotaWorld world;
  const AccountId a = world.Add("a");
  const WallTime until = world.now.wall + 18 * 24h;
  const auto room = Reading({{"primary", 12, 5h, world.now.wall + 100h}});
  world.Exhaust(a, "r1", until);
  world.Look(a, room);
  ASSERT_EQ(world.StateOf(a), AccountState::kActive);
  world.Exhaust(a, "r2", until);
  int calls = 0;
  // The same numbers for a day: the refusal stands, but for a try after a long while, ever longer.
  for (int minute = 0; minute < 24 * 60; ++minute) {
    world.Pass(60s);
    if (!world.All<UsageWanted>().empty()) world.Take(world.pool.UsageChecked(a, room, world.now));
    if (world.StateOf(a) != AccountState::kActive) continue;
    ++calls;
    world.Exhaust(a, "again" + std::to_string(minute), until);
  }
  EXPECT_GE(calls, 3) << "no mark outlives its evidence";
  EXPECT_LE(calls, 7) << "and none flaps";
  world.Look(a, Reading({{"primary", 2, 5h, world.now.wall + 100h}}));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive) << "other numbers are other evidence";
}

TEST(PoolQuota, ARedeemedCreditEndsAnExhaustionAtOnce) {
  QuotaWorld world;
  const AccountId a = world.Add("a");
  world.Use("r0", {{"primary", 99, 5h, world.now.wall + 3h}});
  world.Exhaust(a, "r1", world.now.wall + 3h);
  world.Take(world.pool.WindowsReset(a, world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  EXPECT_EQ(world.pool.Find(a)->quota.Headroom(world.now.wall), 100);
  EXPECT_EQ(world.All<UsageWanted>().size(), 1u) << "what it has now is looked at";
}

TEST(PoolQuota, LooksAtAccountsOfWhichNothingIsHeard) {
  PoolSettings settings = DefaultSettings();
  settings.stale_after = 1h;
  QuotaWorld world(settings);
  const AccountId a = world.Add("a"), busy = world.Add("b");
  world.Pass(1s);
  EXPECT_EQ(world.All<UsageWanted>().size(), 2u) << "of new ones nothing is known";
  for (const AccountId& account : {a, busy}) {
    world.Take(world.pool.UsageChecked(account, Reading({{"primary", 1, 5h, world.now.wall + 5h}}), world.now));
  }
  int looks = 0;
  for (int minute = 0; minute < 125; ++minute) {
    world.Pass(60s);
    for (const UsageWanted& wanted : world.All<UsageWanted>()) {
      ++looks;
      world.Take(
          world.pool.UsageChecked(wanted.account, Reading({{"primary", 1, 5h, world.now.wall + 5h}}), world.now));
    }
  }
  EXPECT_GE(looks, 2);
  EXPECT_LE(looks, 4) << "each about once an hour";
}

TEST(PoolQuota, DoesNotLookWhereAnswersTellOrNobodyCan) {
  PoolSettings settings = DefaultSettings();
  settings.stale_after = 1h;
  QuotaWorld world(settings);
  const AccountId a = world.Add("a");
  UsageAnswer nowhere;
  nowhere.nowhere = true;
  world.Pass(1s);
  ASSERT_EQ(world.All<UsageWanted>().size(), 1u);
  world.Take(world.pool.UsageChecked(a, nowhere, world.now));
  world.Pass(24h);
  EXPECT_TRUE(world.All<UsageWanted>().empty());

  QuotaWorld used(settings);
  const AccountId b = used.Add("b");
  used.Pass(1s);
  (void)used.All<UsageWanted>();
  used.Take(used.pool.UsageChecked(b, Reading({{"primary", 1, 5h, used.now.wall + 5h}}), used.now));
  for (int i = 0; i < 20; ++i) {
    used.Pass(10min);
    used.Use("r" + std::to_string(i), {{"primary", 1, 5h, used.now.wall + 5h}});
  }
  EXPECT_TRUE(used.All<UsageWanted>().empty());
}

TEST(PoolQuota, LooksNoOftenerThanTheCapAllows) {
  PoolSettings settings = DefaultSettings();
  settings.stale_after = 1h;
  settings.checks_per_minute = 6;
  QuotaWorld world(settings);
  for (int i = 0; i < 100; ++i) world.Add("a" + std::to_string(i));
  int looks = 0;
  for (int second = 0; second < 600; ++second) {
    world.Pass(1s);
    for (const UsageWanted& wanted : world.All<UsageWanted>()) {
      ++looks;
      world.Take(
          world.pool.UsageChecked(wanted.account, Reading({{"primary", 1, 5h, world.now.wall + 5h}}), world.now));
    }
  }
  EXPECT_GE(looks, 60);
  EXPECT_LE(looks, 67);
}

TEST(PoolQuota, LooksAtExhaustedAccountsFirst) {
  PoolSettings settings = DefaultSettings();
  settings.stale_after = 1h;
  settings.checks_per_minute = 1;
  QuotaWorld world(settings);
  const AccountId a = world.Add("a");
  world.Pass(1s);
  world.Take(world.pool.UsageChecked(a, Reading({{"primary", 1, 5h, world.now.wall + 5h}}), world.now));
  (void)world.All<UsageWanted>();
  world.Exhaust(a, "r1", world.now.wall + 5h);
  for (int i = 0; i < 10; ++i) world.Add("b" + std::to_string(i));
  world.Pass(61s);
  const auto wanted = world.All<UsageWanted>();
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].account, a);
}

TEST(PoolQuota, TheOperatorAsksWhateverTheCap) {
  PoolSettings settings = DefaultSettings();
  settings.checks_per_minute = 1;
  QuotaWorld world(settings);
  for (int i = 0; i < 10; ++i) {
    const AccountId account = world.Add("a" + std::to_string(i));
    world.Take(world.pool.Recheck(account, world.now));
    EXPECT_EQ(world.All<UsageWanted>().size(), 1u);
    EXPECT_TRUE(world.pool.Find(account)->checking);
    world.Take(world.pool.Recheck(account, world.now));
    EXPECT_EQ(world.All<UsageWanted>().size(), 0u) << "it is being asked";
  }
}

}  // namespace
}  // namespace patchbay::accounts
