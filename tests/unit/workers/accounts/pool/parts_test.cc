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

TEST(Quota, EndsAWindowThatIsOverAndThatTheWholeDoesNotName) {
  Quota quota;
  quota.Merge({"", {{"primary", 5, 18000s, kNow + 1h}, {"secondary", 60, 604800s, kNow + 90h}}, false}, kNow);
  QuotaFacts whole{"", {{"primary", 60, 604800s, kNow + 90h}}, false};
  whole.whole = true;
  quota.Merge(whole, kNow + 30min);
  EXPECT_EQ(quota.windows().size(), 2u) << "it may be running";
  quota.Merge({"", {{"secondary", 61, 604800s, kNow + 90h}}, false}, kNow + 2h);
  EXPECT_EQ(quota.windows().size(), 2u) << "heads and frames do not tell all";
  quota.Merge(whole, kNow + 2h);
  EXPECT_EQ(quota.windows().size(), 1u);
}

TEST(Quota, KeepsCreditsAndNamesThatASourceDoesNotMention) {
  Quota quota;
  QuotaFacts all;
  all.credits = CreditFacts{true, false, "5"};
  all.reset_credits = 2;
  all.limit_names = {{"codex_bengalfox", "Spark"}};
  EXPECT_TRUE(quota.Merge(all, kNow));
  EXPECT_FALSE(quota.Merge(all, kNow)) << "nothing is new";
  quota.Merge({"", {{"primary", 5, 18000s, kNow + 1h}}, false}, kNow);
  EXPECT_TRUE(quota.has_credits());
  EXPECT_EQ(quota.state().reset_credits, 2);
  EXPECT_EQ(quota.state().limit_names.size(), 1u);
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

TEST(Affinity, TellsWhatIsToBeSavedOnceAndAgainAfterAWhile) {
  Affinity affinity;
  affinity.Configure(10, 8h);
  const SteadyTime start(100h);
  affinity.Bind("x", AccountId("a"), start);
  affinity.Bind("y", AccountId("a"), start);
  affinity.Bind("y", AccountId("b"), start);
  EXPECT_EQ(affinity.TakeUnsaved().size(), 2u);
  affinity.Find("x", start + 30min);
  EXPECT_TRUE(affinity.TakeUnsaved().empty()) << "not each use is worth the disk";
  affinity.Find("x", start + 2h);
  const auto again = affinity.TakeUnsaved();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].key, "x");
  EXPECT_EQ(again[0].used_at, start + 2h);
  affinity.Bind("x", AccountId("b"), start + 2h);
  EXPECT_EQ(affinity.TakeUnsaved().size(), 1u) << "it moved";
}

TEST(Affinity, NeverCallsForgottenWhatItStillHolds) {
  Affinity affinity;
  affinity.Configure(2, 8h);
  SteadyTime now(100h);
  affinity.Bind("x", AccountId("a"), now);
  affinity.Bind("y", AccountId("a"), now);
  (void)affinity.TakeUnsaved();
  now += 30min;  // used again, and not saved again
  affinity.Find("x", now);
  affinity.Find("y", now);
  EXPECT_TRUE(affinity.TakeUnsaved().empty());
  EXPECT_LT(affinity.ForgottenBefore(now), SteadyTime(100h));
}

TEST(Affinity, IsRestoredInTheOrderOfUseAndWithinItsBounds) {
  Affinity affinity;
  affinity.Configure(2, 1h);
  const SteadyTime now(100h);
  affinity.Restore({{"new", AccountId("a"), now - 1min},
                    {"", AccountId("a"), now},
                    {"old", AccountId("b"), now - 30min},
                    {"third", AccountId("b"), now - 31min}},
                   now);
  EXPECT_EQ(affinity.size(), 2u);
  affinity.Bind("x", AccountId("c"), now);
  EXPECT_TRUE(affinity.Peek("new", now));
  EXPECT_FALSE(affinity.Peek("old", now)) << "the least recently used made room";
  Affinity late;
  late.Configure(2, 1h);
  late.Restore({{"old", AccountId("b"), now - 2h}}, now);
  EXPECT_EQ(late.size(), 0u);
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

Caller Of(const std::string& key, const std::string& conversation) { return {ClientKeyId(key), conversation}; }

// Five conversations of two keys fail in a row.
Breaker Opened(SteadyTime now) {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(breaker.open());
    breaker.Failed(Of("k" + std::to_string(i % 2), "c" + std::to_string(i)), true, "502", now);
  }
  EXPECT_TRUE(breaker.open());
  return breaker;
}

TEST(Breaker, PausesLongerEachTimeTheScoutFails) {
  SteadyTime now(1h);
  Breaker breaker = Opened(now);
  const Caller other = Of("k", "other");
  EXPECT_FALSE(breaker.Allows(other, now));
  now += Breaker::kFirstPause;
  EXPECT_TRUE(breaker.Allows(other, now));
  breaker.Started(now);
  EXPECT_FALSE(breaker.Allows(other, now)) << "one scout at a time";
  breaker.Failed(other, true, "502", now);
  EXPECT_TRUE(breaker.hopeless());
  const Caller third = Of("k", "third");
  EXPECT_FALSE(breaker.Allows(third, now + Breaker::kFirstPause));
  EXPECT_TRUE(breaker.Allows(third, now + 2 * Breaker::kFirstPause));
  breaker.Reached();
  EXPECT_TRUE(breaker.Allows(third, now));
}

TEST(Breaker, CountsAConversationOnceHoweverOftenItsClientRepeatsIt) {
  Breaker breaker;
  for (int i = 0; i < 1000; ++i) breaker.Failed(Of("k", "poison"), false, "500", SteadyTime(1h));
  EXPECT_FALSE(breaker.open());
  EXPECT_EQ(breaker.conversations(), 1u);
}

TEST(Breaker, IsOpenedByNoKeyAloneWhereOthersCall) {
  Breaker breaker;
  for (int i = 0; i < 1000; ++i) breaker.Failed(Of("k", std::to_string(i)), true, "500", SteadyTime(1h));
  EXPECT_FALSE(breaker.open());
  breaker.Failed(Of("another", "x"), true, "500", SteadyTime(1h));
  EXPECT_TRUE(breaker.open());
  EXPECT_EQ(breaker.keys(), 2u);
}

TEST(Breaker, IsOpenedByTheConversationsOfTheOnlyKey) {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) breaker.Failed(Of("k", std::to_string(i)), false, "500", SteadyTime(1h));
  EXPECT_TRUE(breaker.open());
}

TEST(Breaker, SendsAnotherConversationAheadThanTheOneThatFailedLast) {
  SteadyTime now(1h);
  const Breaker breaker = Opened(now);
  now += Breaker::kFirstPause;
  EXPECT_FALSE(breaker.Allows(Of("k0", "c4"), now));
  EXPECT_TRUE(breaker.Allows(Of("k0", "c3"), now));
  EXPECT_TRUE(breaker.Allows(Of("k0", "c4"), now + Breaker::kOthersFirst)) << "when nobody else came";
}

TEST(Breaker, TakesFailuresOfLongAgoForNoRow) {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) breaker.Failed(Of("k", std::to_string(i)), false, "500", SteadyTime(i * 11min));
  EXPECT_FALSE(breaker.open());
}

TEST(RecentKeys, KnowWhetherAnotherKeyCallsToo) {
  RecentKeys keys;
  const ClientKeyId a("a"), b("b"), c("c");
  EXPECT_FALSE(keys.HasOtherThan(a, SteadyTime(1h)));
  keys.Saw(a, SteadyTime(1h));
  EXPECT_FALSE(keys.HasOtherThan(a, SteadyTime(1h)));
  EXPECT_TRUE(keys.HasOtherThan(b, SteadyTime(1h)));
  keys.Saw(b, SteadyTime(1h) + 1min);
  keys.Saw(a, SteadyTime(1h) + 2min);
  EXPECT_TRUE(keys.HasOtherThan(a, SteadyTime(1h) + 3min));
  EXPECT_TRUE(keys.HasOtherThan(c, SteadyTime(1h) + 3min));
  EXPECT_FALSE(keys.HasOtherThan(a, SteadyTime(1h) + 11min)) << "not lately";
}

TEST(OverloadHold, NeedsTwoRequestsWithinMinutes) {
  OverloadHold hold;
  const SteadyTime now(1h);
  EXPECT_FALSE(hold.Refused(1, now));
  EXPECT_FALSE(hold.Refused(1, now)) << "the same request";
  EXPECT_FALSE(hold.Refused(2, now + 6min)) << "too long after";
  EXPECT_TRUE(hold.Refused(3, now + 7min));
}

TEST(OverloadHold, GrowsWithEachTripAndIsForgotten) {
  OverloadHold hold;
  SteadyTime now(1h);
  for (const auto length : {60s, 120s, 240s, 480s, 600s, 600s}) {
    hold.Trip(now);
    EXPECT_TRUE(hold.holds(now + length - 1s));
    EXPECT_EQ(hold.isolates(now), length >= 240s);
    EXPECT_FALSE(hold.Refused(7, now)) << "it is held already";
    now += length;
    EXPECT_FALSE(hold.holds(now));
  }
  hold.Trip(now + OverloadHold::kForgottenAfter);
  EXPECT_EQ(hold.trips(), 1);
}

TEST(LatelyAnswered, RemembersABoundedNumberOfModels) {
  LatelyAnswered lately;
  const SteadyTime now(1h);
  for (int i = 0; i < 100; ++i) lately.Served("m" + std::to_string(i), now + std::chrono::milliseconds(i));
  EXPECT_FALSE(lately.Asked("m0", now));
  EXPECT_TRUE(lately.Asked("m99", now + 1min));
  EXPECT_FALSE(lately.Refuses("m99", now));
  lately.Refused("m99", now + 1min);
  EXPECT_TRUE(lately.Refuses("m99", now + 2min));
  EXPECT_FALSE(lately.Asked("m99", now + 5min));
}

TEST(LatelyAnswered, TakesAStrayRefusalAmongManyCallsForNothing) {
  LatelyAnswered lately;
  const SteadyTime now(1h);
  for (int i = 0; i < 50; ++i) lately.Served("m", now + i * 1s);
  lately.Refused("m", now + 50s);
  EXPECT_FALSE(lately.Refuses("m", now + 51s));
  for (int i = 0; i < 5; ++i) lately.Refused("m", now + 51s);
  EXPECT_TRUE(lately.Refuses("m", now + 52s));
}

TEST(Strikes, CountAConversationThatIsRefusedAgainOnce) {
  Strikes strikes;
  EXPECT_EQ(strikes.Add(Of("k", "a")), 1);
  EXPECT_EQ(strikes.Add(Of("k", "a")), 1);
  EXPECT_EQ(strikes.Add(Of("k", "b")), 2);
  strikes.TakeBack();
  EXPECT_EQ(strikes.count, 1);
}

}  // namespace
}  // namespace patchbay::accounts
