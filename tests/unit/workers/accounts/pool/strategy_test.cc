// Which account each strategy takes, told through the pool.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "tests/unit/workers/accounts/pool/pool_world.h"
#include "workers/accounts/pool/pace.h"

namespace patchbay::accounts {
namespace {

struct Crowd : World {
  explicit Crowd(Strategy strategy) : World(With(strategy)) {}
  static PoolSettings With(Strategy strategy) {
    PoolSettings settings = DefaultSettings();
    settings.strategy = strategy;
    return settings;
  }
  void Edit(const std::string& name, const std::function<void(AccountFacts&)>& edit) {
    AccountFacts facts = pool.Find(AccountId(name))->facts;
    edit(facts);
    Take(pool.Put(facts, now));
  }
  void Enable(const std::string& name, bool enabled) {
    Edit(name, [&](AccountFacts& facts) { facts.enabled = enabled; });
  }
  void Prefer(const std::string& name, int priority) {
    Edit(name, [&](AccountFacts& facts) { facts.priority = priority; });
  }
  void Weigh(const std::string& name, int weight) {
    Edit(name, [&](AccountFacts& facts) { facts.weight = weight; });
  }
  // What its provider says of its windows.
  void Report(const std::string& name, std::vector<WindowFacts> windows) {
    UsageAnswer answer;
    answer.http_status = 200;
    answer.quota.windows = std::move(windows);
    Take(pool.UsageChecked(AccountId(name), answer, now));
  }
  WindowFacts Hours(int length, double used, std::chrono::minutes until_reset) const {
    return {"primary", used, std::chrono::hours(length), now.wall + until_reset};
  }
  // The accounts of `calls` calls, one after the other.
  std::string Turns(int calls) {
    std::string order;
    for (int i = 0; i < calls; ++i) {
      const Granted granted = MustGrant("t" + std::to_string(next_call++));
      order += granted.account.str();
      Settle(granted);
    }
    return order;
  }
  int next_call = 0;
};

TEST(Score, SaysHowSlownessWeighs) {
  const WallTime now{std::chrono::seconds(1'790'000'000)};
  PoolAccount account;
  account.open = 1;
  EXPECT_EQ(ScoreOf(Strategy::kPaced, account, now), "price 0.75, 1 in flight");
  EXPECT_EQ(ScoreOf(Strategy::kLeastUsed, account, now), "1 in flight, 100% left");
  const Ranking fast = RankOf(Strategy::kPaced, account, now);
  for (int i = 0; i < 40; ++i) account.slowness.Seen(1.5, now);  // between twice and four times as long
  ASSERT_EQ(account.slowness.Steps(now), 1);
  EXPECT_EQ(ScoreOf(Strategy::kPaced, account, now), "price 0.75 (times 2: slow), 1 in flight");
  EXPECT_EQ(ScoreOf(Strategy::kLeastUsed, account, now), "1 in flight (and 1: slow), 100% left");
  const Ranking slow = RankOf(Strategy::kPaced, account, now);
  EXPECT_EQ(slow.rank.keys[0] - fast.rank.keys[0], 7) << "seven tenths up are twice the price";
}

TEST(RoundRobin, GoesByWeightWithoutBursts) {
  Crowd crowd(Strategy::kRoundRobin);
  for (const char* name : {"a", "b", "c"}) crowd.Add(name);
  crowd.Weigh("a", 3);
  const std::string order = crowd.Turns(50);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 30);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'b'), 10);
  EXPECT_EQ(order.substr(10).find("aaaa"), std::string::npos) << order;
}

TEST(RoundRobin, GivesOneThatComesBackItsTurnAtOnceAndNoMoreThanOne) {
  Crowd crowd(Strategy::kRoundRobin);
  for (const char* name : {"a", "b", "c"}) crowd.Add(name);
  EXPECT_EQ(crowd.Turns(3), "abc");
  crowd.Enable("b", false);
  EXPECT_EQ(crowd.Turns(20), "acacacacacacacacacac");
  crowd.Enable("b", true);
  EXPECT_EQ(crowd.Turns(7), "babcabc");
}

TEST(RoundRobin, GivesNewcomersNoMoreThanTheirShare) {
  Crowd crowd(Strategy::kRoundRobin);
  crowd.Add("a");
  crowd.Turns(100);
  crowd.Add("b");
  EXPECT_EQ(crowd.Turns(5), "babab");
}

TEST(FillFirst, TakesTheFirstThatCanServe) {
  Crowd crowd(Strategy::kFillFirst);
  for (const char* name : {"a", "b", "c"}) crowd.Add(name);
  EXPECT_EQ(crowd.Turns(3), "aaa");
  crowd.Enable("a", false);
  EXPECT_EQ(crowd.Turns(2), "bb");
  crowd.Enable("a", true);
  EXPECT_EQ(crowd.Turns(2), "aa");
}

TEST(Priority, GoesBeforeEveryStrategy) {
  for (const Strategy strategy :
       {Strategy::kPaced, Strategy::kLeastUsed, Strategy::kRoundRobin, Strategy::kSticky, Strategy::kFillFirst}) {
    Crowd crowd(strategy);
    crowd.Add("a");
    crowd.Add("b");
    crowd.Turns(1);
    crowd.Prefer("b", 1);
    EXPECT_EQ(crowd.Turns(3), "bbb") << ToString(strategy);
    crowd.Enable("b", false);
    EXPECT_EQ(crowd.Turns(1), "a") << ToString(strategy);
    crowd.Enable("b", true);
    crowd.Prefer("a", 2);
    EXPECT_EQ(crowd.Turns(1), "a") << "changed live, " << ToString(strategy);
  }
}

TEST(LeastUsed, CountsLeasesByWeight) {
  Crowd crowd(Strategy::kLeastUsed);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Weigh("b", 3);
  std::map<std::string, int> open;
  for (int i = 0; i < 8; ++i) ++open[crowd.MustGrant("r" + std::to_string(i)).account.str()];
  EXPECT_EQ(open["a"], 2);
  EXPECT_EQ(open["b"], 6);
}

TEST(LeastUsed, NoticesThatAWindowHasReset) {
  Crowd crowd(Strategy::kLeastUsed);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(5, 90, 60min)});
  crowd.Report("b", {crowd.Hours(5, 50, 240min)});
  EXPECT_EQ(crowd.Turns(2), "bb");
  crowd.Pass(60min);
  EXPECT_EQ(crowd.Turns(2), "aa");
}

TEST(Paced, SpendsWhereMostIsLeftForTheTime) {
  Crowd crowd(Strategy::kPaced);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(5, 40, 30min)});
  crowd.Report("b", {crowd.Hours(5, 20, 270min)});
  EXPECT_EQ(crowd.Turns(2), "aa") << "what is left of it is lost in half an hour";
}

TEST(Paced, LooksAtEveryWindow) {
  Crowd crowd(Strategy::kPaced);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(5, 10, 60min), crowd.Hours(168, 95, 6 * 24h)});
  crowd.Report("b", {crowd.Hours(5, 30, 180min), crowd.Hours(168, 50, 4 * 24h)});
  EXPECT_EQ(crowd.Turns(2), "bb") << "the week of the other is nearly spent";
}

TEST(Paced, StartsIdleWindowsEarly) {
  Crowd crowd(Strategy::kPaced);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(5, 5, 280min)});
  crowd.Report("b", {crowd.Hours(5, 5, -1min)});
  EXPECT_EQ(crowd.Turns(1), "b");
}

TEST(Paced, KeepsAnIdleWeekForWhenTheOthersRunDry) {
  Crowd crowd(Strategy::kPaced);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(168, 20, 100h)});
  crowd.Report("b", {crowd.Hours(168, 20, -1min)});
  EXPECT_EQ(crowd.Turns(2), "aa");
  crowd.Report("a", {crowd.Hours(168, 60, 100h)});
  EXPECT_EQ(crowd.Turns(2), "bb");
}

TEST(Paced, TakesAReadingThatSlidesWithTheClockForAnIdleWindow) {
  Crowd crowd(Strategy::kPaced);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(5, 1, 290min)});
  crowd.Report("b", {crowd.Hours(5, 0, 300min)});
  EXPECT_EQ(crowd.Turns(1), "b");
  // The window that the call has begun.
  crowd.Pass(2min);
  crowd.Report("b", {crowd.Hours(5, 0, 298min)});
  EXPECT_GT(PriceOf(crowd.pool.Find(AccountId("b"))->quota, crowd.now.wall), 1);
}

TEST(Paced, SharesAsLeastUsedWhereNothingIsKnown) {
  Crowd crowd(Strategy::kPaced);
  for (const char* name : {"a", "b", "c"}) crowd.Add(name);
  EXPECT_EQ(crowd.Turns(6), "abcabc");
}

TEST(Paced, TakesAnAccountOfTwiceTheWeightForTwiceAsCheap) {
  Crowd crowd(Strategy::kPaced);
  crowd.Add("a");
  crowd.Add("b");
  crowd.Report("a", {crowd.Hours(5, 50, 150min)});
  crowd.Report("b", {crowd.Hours(5, 70, 150min)});
  EXPECT_EQ(crowd.Turns(2), "aa");
  crowd.Weigh("b", 2);
  EXPECT_EQ(crowd.Turns(2), "bb");
}

TEST(Pace, SaysToTheMillisecondUntilWhenItHolds) {
  const WallTime start{std::chrono::seconds(1'790'000'000)};
  Quota quota;
  quota.Merge({"", {{"primary", 35, 5h, start + 4h}, {"secondary", 60, 168h, start + 90h}}, false}, start);
  WallTime now = start;
  int steps = 0;
  while (now < start + 4h) {
    const Pace pace = PaceOf(quota, 1, now);
    ASSERT_TRUE(pace.until);
    ASSERT_GT(*pace.until, now);
    EXPECT_EQ(PaceOf(quota, 1, *pace.until - 1ms).step, pace.step);
    const bool at_reset = *pace.until == start + 4h;
    if (!at_reset) EXPECT_EQ(PaceOf(quota, 1, *pace.until).step, pace.step - 1);
    now = *pace.until;
    ++steps;
  }
  EXPECT_GT(steps, 3);
}

TEST(Pace, BearsWhateverAProviderReports) {
  const WallTime now{std::chrono::seconds(1'790'000'000)};
  for (const std::chrono::seconds length : {0s, 1s, std::chrono::seconds(std::int64_t{1} << 62)}) {
    for (const WallTime resets : {now - 1h, now, now + 1ms, WallTime::max(), WallTime::min()}) {
      for (const double used : {0.0, 1e-9, 100.0}) {
        Quota quota;
        quota.Merge({"", {{"primary", used, length, resets}, {"secondary", 50, 168h, now + 50h}}, false}, now);
        const Pace pace = PaceOf(quota, 1000, now);
        if (pace.until) EXPECT_GT(*pace.until, now);
      }
    }
  }
}

}  // namespace
}  // namespace patchbay::accounts
