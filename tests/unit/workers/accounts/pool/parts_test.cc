// The pool's small parts: quota, affinity, queue, breaker.
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};

TEST(Quota, KnowsAWindowByItsLengthNotItsPlace) {
  Quota quota;
  quota.Merge({"", {{"primary", 10, 18000s, kNow + 1h}, {"secondary", 30, 604800s, kNow + 90h}}, false}, kNow);
  // Another source calls the weekly window the primary one.
  quota.Merge({"", {{"primary", 35, 604800s, kNow + 90h}}, false}, kNow);
  ASSERT_EQ(quota.windows().size(), 2u);
  EXPECT_EQ(quota.windows()[0].used_percent, 10);
  EXPECT_EQ(quota.windows()[1].used_percent, 35);
}

TEST(Quota, KeepsWindowsThatASourceDoesNotMention) {
  Quota quota;
  quota.Merge({"", {{"secondary", 99, 604800s, kNow + 90h}}, false}, kNow);
  quota.Merge({"", {{"primary", 5, 18000s, kNow + 1h}}, false}, kNow);
  EXPECT_EQ(quota.Headroom(kNow), 1);
}

TEST(Quota, IgnoresWindowsThatAreAllZero) {
  Quota quota;
  EXPECT_FALSE(quota.Merge({"", {{"secondary", 0, 0s, std::nullopt}}, false}, kNow));
  EXPECT_TRUE(quota.windows().empty());
}

TEST(Quota, CountsAWindowAsUnusedOnceItHasReset) {
  Quota quota;
  quota.Merge({"", {{"primary", 100, 18000s, kNow + 1h}}, false}, kNow);
  EXPECT_EQ(quota.Headroom(kNow), 0);
  EXPECT_EQ(quota.Headroom(kNow + 1h), 100);
}

TEST(Quota, KeepsExtraLimitsApart) {
  Quota quota;
  quota.Merge({"", {{"codex_bengalfox", 100, 18000s, kNow + 1h}}, false}, kNow);
  EXPECT_EQ(quota.Headroom(kNow), 100) << "a model's own limit says nothing of the rest";
}

TEST(Quota, IsBoundedWhateverAProviderReports) {
  Quota quota;
  for (int i = 0; i < 1000; ++i) quota.Merge({"", {{"n" + std::to_string(i), 1, 60s, std::nullopt}}, false}, kNow);
  EXPECT_EQ(quota.windows().size(), Quota::kMaxWindows);
}

TEST(Affinity, ForgetsTheLeastRecentlyUsedFirst) {
  Affinity affinity;
  affinity.Configure(2, 1h);
  const SteadyTime now(100h);
  affinity.Bind("x", AccountId("a"), now);
  affinity.Bind("y", AccountId("b"), now);
  affinity.Find("x", now);
  affinity.Bind("z", AccountId("c"), now);
  EXPECT_TRUE(affinity.Find("x", now));
  EXPECT_FALSE(affinity.Find("y", now));
  EXPECT_EQ(affinity.size(), 2u);
}

TEST(Affinity, ForgetsWhatWasNotUsedForItsTime) {
  Affinity affinity;
  affinity.Configure(10, 1h);
  affinity.Bind("x", AccountId("a"), SteadyTime(100h));
  EXPECT_TRUE(affinity.Find("x", SteadyTime(101h)));
  EXPECT_TRUE(affinity.Find("x", SteadyTime(102h))) << "using it keeps it";
  EXPECT_FALSE(affinity.Find("x", SteadyTime(103h) + 1ms));
  EXPECT_EQ(affinity.size(), 0u);
}

TEST(Affinity, ForgetsAnAccountThatIsGone) {
  Affinity affinity;
  affinity.Configure(10, 1h);
  affinity.Bind("x", AccountId("a"), SteadyTime(1h));
  affinity.Bind("y", AccountId("b"), SteadyTime(1h));
  affinity.Forget(AccountId("a"));
  EXPECT_FALSE(affinity.Find("x", SteadyTime(1h)));
  EXPECT_TRUE(affinity.Find("y", SteadyTime(1h)));
}

TEST(FairQueue, ServesSomebodyFurtherBackWhenTheFirstCannotBeServed) {
  FairQueue queue;
  queue.PushBack(ClientKeyId("k"), 1);
  queue.PushBack(ClientKeyId("k"), 2);
  std::vector<std::uint64_t> served;
  queue.Serve([] { return true; },
              [&](std::uint64_t serial) {
                if (serial == 1) return false;
                served.push_back(serial);
                return true;
              });
  EXPECT_EQ(served, std::vector<std::uint64_t>{2});
  EXPECT_EQ(queue.size(), 1u);
}

TEST(Breaker, PausesLongerEachTimeTheScoutFails) {
  Breaker breaker;
  SteadyTime now(1h);
  for (std::uint64_t request = 1; request <= 5; ++request) breaker.Failed(request, now);
  EXPECT_FALSE(breaker.Allows(now));
  now += Breaker::kFirstPause;
  EXPECT_TRUE(breaker.Allows(now));
  breaker.Started(now);
  EXPECT_FALSE(breaker.Allows(now)) << "one scout at a time";
  breaker.Failed(6, now);
  EXPECT_TRUE(breaker.hopeless());
  EXPECT_FALSE(breaker.Allows(now + Breaker::kFirstPause));
  EXPECT_TRUE(breaker.Allows(now + 2 * Breaker::kFirstPause));
  breaker.Reached();
  EXPECT_TRUE(breaker.Allows(now));
}

}  // namespace
}  // namespace patchbay::accounts
