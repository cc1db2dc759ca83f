// Leases, waiting, fairness and affinity.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PoolSettings Slots(int slots) {
  PoolSettings settings = DefaultSettings();
  settings.slots_per_account = slots;
  return settings;
}

TEST(AccountPool, GrantsAnEligibleAccount) {
  World world;
  world.Add("a");
  const Granted granted = world.MustGrant("r1");
  EXPECT_EQ(granted.account, AccountId("a"));
  EXPECT_EQ(granted.attempt, 1);
  EXPECT_EQ(granted.reason, "paced");
  EXPECT_EQ(world.pool.leases_open(), 1u);
}

TEST(AccountPool, SpreadsOverEqualAccounts) {
  World world;
  world.Add("a");
  world.Add("b");
  world.Add("c");
  std::set<std::string> used;
  for (int i = 0; i < 3; ++i) used.insert(world.MustGrant("r" + std::to_string(i)).account.str());
  EXPECT_EQ(used.size(), 3u);
}

TEST(AccountPool, DeniesAtOnceWhenNothingIsConfigured) {
  World world;
  world.Acquire("r1");
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kNoAccount);
}

TEST(AccountPool, GivesABoundRequestItsOwnAccountOrNone) {
  World world(Slots(1));
  world.Add("a");
  const AccountId b = world.Add("b");
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = world.epoch;
  args.provider = "codex";
  args.wire_model = "gpt-5.5";
  args.pinned = b;
  args.request = RequestId("r1");
  world.Take(world.pool.Acquire(args, world.now));
  const auto granted = world.One<Granted>();
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->account, b);

  // "a" is free, but of no use to it.
  args.request = RequestId("r2");
  world.Take(world.pool.Acquire(args, world.now));
  EXPECT_TRUE(world.said.empty()) << "it waits for its own account";
  world.Retry(*granted, Status(429, Cause::kExhausted));
  const auto denied = world.All<Denied>();
  ASSERT_EQ(denied.size(), 2u) << "neither the retry nor the waiting request goes elsewhere";
  for (const Denied& each : denied) {
    EXPECT_EQ(each.code, DenyCode::kExhausted);
    EXPECT_EQ(each.accounts.size(), 1u);
  }
}

TEST(AccountPool, LetsARequestWaitForASlot) {
  World world(Slots(1));
  world.Add("a");
  const Granted first = world.MustGrant("r1");
  world.Acquire("r2");
  EXPECT_TRUE(world.said.empty());
  world.Settle(first);
  EXPECT_EQ(world.One<Granted>()->request, RequestId("r2"));
}

TEST(AccountPool, AnswersAWaitingRequestAtItsDeadline) {
  World world(Slots(1));
  world.Add("a");
  world.MustGrant("r1");
  world.Acquire("r2", "", "", 500ms);
  world.Pass(499ms);
  EXPECT_FALSE(world.One<Denied>());
  world.Pass(1ms);
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kQueueTimeout);
  ASSERT_EQ(denied->accounts.size(), 1u);
  EXPECT_THAT(denied->accounts[0].reason, HasSubstr("slots are in use"));
}

TEST(AccountPool, DeniesWhenTheQueueIsFull) {
  PoolSettings settings = Slots(1);
  settings.queue_max = 1;
  World world(settings);
  world.Add("a");
  world.MustGrant("r1");
  world.Acquire("r2");
  world.Acquire("r3");
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kQueueFull);
}

TEST(AccountPool, LetsClientKeysTakeTurns) {
  World world(Slots(1));
  world.Add("a");
  Granted current = world.MustGrant("first");
  for (int i = 0; i < 3; ++i) world.Acquire("greedy" + std::to_string(i), "greedy");
  world.Acquire("modest", "modest");
  std::vector<std::string> order;
  for (int i = 0; i < 4; ++i) {
    world.Settle(current);
    current = *world.One<Granted>();
    order.push_back(current.request.str());
  }
  EXPECT_THAT(order, ElementsAre("greedy0", "modest", "greedy1", "greedy2"));
}

TEST(AccountPool, ForgetsAWithdrawnRequest) {
  World world(Slots(1));
  world.Add("a");
  const Granted first = world.MustGrant("r1");
  world.Acquire("r2");
  world.pool.Withdraw(world.frontend, RequestId("r2"));
  world.Settle(first);
  EXPECT_TRUE(world.All<Granted>().empty());
  EXPECT_EQ(world.pool.queued(), 0u);
}

TEST(AccountPool, SettlesOnlyOnce) {
  World world;
  world.Add("a");
  const Granted granted = world.MustGrant("r1");
  world.Settle(granted);
  world.Settle(granted);
  EXPECT_EQ(world.pool.Find(AccountId("a"))->open, 0);
}

TEST(AccountPool, KeepsAConversationOnItsFirstAccount) {
  World world;
  world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1", "", "thread");
  world.Settle(first);
  for (int i = 0; i < 5; ++i) {
    const Granted next = world.MustGrant("n" + std::to_string(i), "", "thread");
    EXPECT_EQ(next.account, first.account);
    EXPECT_EQ(next.reason, "affinity");
    world.Settle(next);
    world.Settle(world.MustGrant("other" + std::to_string(i)));
  }
}

TEST(AccountPool, MovesAConversationOnlyWithAReason) {
  World world;
  world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1", "", "thread");
  world.Retry(first, Status(429, Cause::kExhausted));
  const auto second = world.One<Granted>();
  ASSERT_TRUE(second);
  EXPECT_NE(second->account, first.account);
  EXPECT_THAT(second->reason, HasSubstr("moved from"));
  const auto moved = world.One<AffinityMoved>();
  ASSERT_TRUE(moved);
  EXPECT_THAT(moved->why, HasSubstr("429 exhausted"));
}

TEST(AccountPool, LetsAConversationWaitForItsBusyAccountAndThenMoves) {
  World world(Slots(1));
  world.Add("a");
  const Granted first = world.MustGrant("r1", "", "thread");
  world.Add("b");
  world.Acquire("r2", "", "thread");
  EXPECT_TRUE(world.All<Granted>().empty()) << "b is free, but the conversation belongs to a";
  world.Pass(6s);
  const auto granted = world.One<Granted>();
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->account, AccountId("b"));
  world.Settle(first);
}

TEST(AccountPool, GoesRoundInTheOrderOfAdding) {
  PoolSettings settings = DefaultSettings();
  settings.strategy = Strategy::kRoundRobin;
  World world(settings);
  for (const char* name : {"a", "b", "c"}) world.Add(name);
  std::string order;
  for (int i = 0; i < 6; ++i) {
    const Granted granted = world.MustGrant("r" + std::to_string(i));
    order += granted.account.str();
    world.Settle(granted);
  }
  EXPECT_EQ(order, "abcabc");
}

TEST(AccountPool, StaysWithOneAccountWhenSticky) {
  PoolSettings settings = DefaultSettings();
  settings.strategy = Strategy::kSticky;
  World world(settings);
  world.Add("a");
  world.Add("b");
  const AccountId first = world.MustGrant("r0").account;
  for (int i = 1; i < 5; ++i) EXPECT_EQ(world.MustGrant("r" + std::to_string(i)).account, first);
}

TEST(AccountPool, ChangesItsStrategyLive) {
  World world;
  world.Add("a");
  world.Add("b");
  PoolSettings settings = DefaultSettings();
  settings.strategy = Strategy::kSticky;
  world.Take(world.pool.Configure(settings, world.now));
  EXPECT_EQ(world.MustGrant("r1").reason, "sticky");
}

TEST(AccountPool, ServesThoseWhoWaitWhenSlotsAreAdded) {
  World world(Slots(1));
  world.Add("a");
  world.MustGrant("r1");
  world.Acquire("r2");
  world.Take(world.pool.Configure(Slots(2), world.now));
  EXPECT_TRUE(world.One<Granted>());
}

TEST(AccountPool, RepeatsAGrantThatWasLostWithItsConnection) {
  World world;
  world.Add("a");
  const Granted granted = world.MustGrant("r1");
  world.epoch = 2;
  world.pool.Redeclare(world.frontend, 2, {}, world.now);
  world.Acquire("r1");
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->lease, granted.lease);
  EXPECT_EQ(world.pool.leases_open(), 1u);
}

TEST(AccountPool, RepeatsARetrysGrantThatWasLostWithItsConnection) {
  World world;
  world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1");
  world.Retry(first, Status(500));
  const auto second = world.One<Granted>();
  ASSERT_TRUE(second);
  // The frontend never saw it: it declares the old lease and retries again.
  world.epoch = 2;
  world.pool.Redeclare(world.frontend, 2, {{first.lease, first.request, first.account, {}, "codex", "gpt-5.5"}},
                       world.now);
  world.Retry(first, Status(500));
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->lease, second->lease);
  EXPECT_EQ(world.pool.leases_open(), 1u);
}

TEST(AccountPool, TakesTwoRequestsOfOneIdOnOneConnectionAsTwo) {
  World world;
  world.Add("a");
  const Granted first = world.MustGrant("same");
  const Granted second = world.MustGrant("same");
  EXPECT_NE(first.lease, second.lease);
  world.Settle(first);
  world.Settle(second);
  EXPECT_EQ(world.pool.leases_open(), 0u);
}

TEST(AccountPool, AdoptsLeasesDeclaredAfterARestart) {
  World world(Slots(1));
  const AccountId a = world.Add("a");
  world.epoch = 2;
  world.pool.Redeclare(world.frontend, 2, {{LeaseId("old"), RequestId("r1"), a, {}, "codex", "gpt-5.5"}}, world.now);
  EXPECT_EQ(world.pool.Find(a)->open, 1);
  world.Acquire("r2");
  EXPECT_FALSE(world.One<Granted>());
  SettleArgs settle;
  settle.lease = LeaseId("old");
  world.Take(world.pool.Settle(settle, world.now));
  EXPECT_TRUE(world.One<Granted>());
}

TEST(AccountPool, LetsLeasesLapseAfterTheGrace) {
  World world;
  const AccountId a = world.Add("a");
  world.MustGrant("r1");
  world.pool.Gone(world.frontend, 1, world.now);
  world.Pass(29s);
  EXPECT_EQ(world.pool.Find(a)->open, 1);
  world.Pass(2s);
  EXPECT_EQ(world.pool.Find(a)->open, 0);
  const auto lapsed = world.One<LeaseLapsed>();
  ASSERT_TRUE(lapsed);
  EXPECT_EQ(lapsed->held.request, RequestId("r1"));
  EXPECT_EQ(lapsed->held.account, a);
  EXPECT_LT(lapsed->held.granted_at, world.now.wall);
}

TEST(AccountPool, KeepsALeaseForAsLongAsItsFrontendIsThere) {
  World world;
  const AccountId a = world.Add("a");
  world.MustGrant("r1");
  for (int i = 0; i < 100; ++i) world.Pass(10min);
  EXPECT_EQ(world.pool.Find(a)->open, 1);
}

TEST(AccountPool, ExplainsEachAccount) {
  World world(Slots(1));
  world.Add("a");
  const AccountId b = world.Add("b");
  world.pool.Restore(b, {AccountState::kBanned, "403 account_deactivated", world.now.wall, std::nullopt, {}}, {},
                     world.now);
  world.MustGrant("r1");
  const PoolExplanation told = world.Explain();
  ASSERT_EQ(told.accounts.size(), 2u);
  EXPECT_THAT(told.accounts[0].reason, HasSubstr("slots are in use"));
  EXPECT_EQ(told.accounts[1].reason, "banned (403 account_deactivated)");
  EXPECT_TRUE(told.chosen.empty());
}

}  // namespace
}  // namespace patchbay::accounts
