// A limit of moments: how long an account rests, and who waits for it where it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A 429 that says nothing but "Rate limit exceeded" (account-pools §1.3).
const FailureFacts kBurst = Status(429);

FailureFacts BurstFor(std::chrono::milliseconds wait) {
  FailureFacts failure = kBurst;
  failure.retry_after = wait;
  return failure;
}

// Settles what was granted now, with a burst limit after the first output: no request waits for it.
void Throttle(World& world, const std::string& request, const std::string& conversation) {
  world.Settle(world.MustGrant(request, "k", conversation), false, kBurst);
}

TEST(PoolThrottle, DoublesUpToItsCapWithEachConversationUntilACallGoesWell) {
  World world;
  const AccountId a = world.Add("a");
  int next = 0;
  for (const auto rest : {5s, 10s, 20s, 40s, 60s, 60s}) {
    const std::string name = std::to_string(next++);
    Throttle(world, name, name);
    ASSERT_EQ(world.StateOf(a), AccountState::kThrottled);
    EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + rest);
    world.Pass(rest);
    ASSERT_EQ(world.StateOf(a), AccountState::kActive);
  }
  Throttle(world, "again", "5");
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 60s) << "the same conversation is no further strike";
  world.Pass(60s);
  world.Settle(world.MustGrant("well"));
  Throttle(world, "after", "after");
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 5s);
}

TEST(PoolThrottle, TakesTheCallsOfOneBurstForOneStrike) {
  World world;
  const AccountId a = world.Add("a");
  std::vector<Granted> grants;
  for (int i = 0; i < 6; ++i) grants.push_back(world.MustGrant("r" + std::to_string(i), "k", "c" + std::to_string(i)));
  for (const Granted& grant : grants) world.Settle(grant, false, kBurst);
  EXPECT_EQ(world.pool.Find(a)->throttles.count, 1);
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 5s);
}

TEST(PoolThrottle, IsNeverMadeShorterByALaterOne) {
  World world;
  const AccountId a = world.Add("a");
  const Granted first = world.MustGrant("r1", "k", "one");
  const Granted second = world.MustGrant("r2", "k", "two");
  world.Settle(first, false, BurstFor(40s));
  world.Settle(second, false, BurstFor(2s));
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 40s);
}

TEST(PoolThrottle, KeepsABoundConversationInItsPlaceForASecondThenTwoThenFour) {
  World world;
  const AccountId a = world.Add("a");
  world.Settle(world.MustGrant("r1", "k", "thread"));
  world.Add("b");
  Granted grant = world.MustGrant("r2", "k", "thread");
  ASSERT_EQ(grant.account, a);
  for (const auto wait : {1000ms, 2000ms, 4000ms}) {
    world.Retry(grant, kBurst);
    EXPECT_FALSE(world.One<Granted>()) << "b is free, but its caches are here";
    world.Pass(wait - 1ms);
    EXPECT_FALSE(world.One<Granted>());
    world.Pass(1ms);
    const auto again = world.One<Granted>();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->account, a);
    grant = *again;
  }
  world.Retry(grant, kBurst);
  const auto elsewhere = world.One<Granted>();
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->account, AccountId("b"));
  EXPECT_THAT(elsewhere->reason, HasSubstr("in place of a"));
  world.Settle(*elsewhere);
  EXPECT_TRUE(world.All<AffinityMoved>().empty());
  world.Pass(1min);
  EXPECT_EQ(world.MustGrant("r3", "k", "thread").account, a) << "it was for the one request";
}

TEST(PoolThrottle, OfOneRequestIsOnePenalty) {
  World world;
  const AccountId a = world.Add("a");
  world.Settle(world.MustGrant("r1", "k", "thread"));
  Granted grant = world.MustGrant("r2", "k", "thread");
  world.Retry(grant, kBurst);
  const auto until = world.pool.Find(a)->mark.until;
  EXPECT_EQ(until, world.now.wall + 5s);
  world.Pass(1s);
  world.Retry(*world.One<Granted>(), kBurst);
  EXPECT_EQ(world.pool.Find(a)->mark.until, until);
  EXPECT_EQ(world.pool.Find(a)->throttles.count, 1);
}

TEST(PoolThrottle, SendsARequestThatLivesNowhereToAnAccountThatIsFree) {
  World world;
  world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1", "k", "new");
  world.Retry(first, kBurst);
  const auto second = world.One<Granted>();
  ASSERT_TRUE(second);
  EXPECT_NE(second->account, first.account);
  EXPECT_THAT(second->reason, HasSubstr("moved from")) << "nothing of the conversation is there yet";
}

TEST(PoolThrottle, KeepsARequestInItsPlaceWhereNobodyElseIsFree) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), kBurst);
  EXPECT_FALSE(world.One<Denied>());
  world.Pass(1s);
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->account, a);
  EXPECT_THAT(again->reason, StartsWith("the same again"));
}

TEST(PoolThrottle, TellsWhenItEndsAfterTheTriesInPlace) {
  World world;
  world.Add("a");
  Granted grant = world.MustGrant("r1");
  for (int i = 0; i < 3; ++i) {
    world.Retry(grant, kBurst);
    world.Pass(4s);
    grant = *world.One<Granted>();
  }
  world.Retry(grant, kBurst);
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kThrottled);
  ASSERT_TRUE(denied->retry_after);
  EXPECT_EQ(denied->available_at, world.pool.Find(AccountId("a"))->mark.until);
}

TEST(PoolThrottle, WaitsInPlaceAsLongAsTheProviderSaysWithinBounds) {
  World world;
  world.Add("a");
  world.Retry(world.MustGrant("r1"), BurstFor(6s));
  world.Pass(5999ms);
  EXPECT_FALSE(world.One<Granted>());
  world.Pass(1ms);
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again);
  world.Retry(*again, BurstFor(6s));
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kThrottled) << "ten seconds of waiting are enough";
  world.Pass(7s);
  world.Retry(world.MustGrant("r2"), BurstFor(11s));
  EXPECT_EQ(world.One<Denied>()->retry_after, std::chrono::milliseconds(11s));
}

TEST(PoolThrottle, OfASecondAccountBlamesNoneAndTheRequestGoesOn) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b"), c = world.Add("c");
  world.Retry(world.MustGrant("r1"), kBurst);
  world.Retry(*world.One<Granted>(), kBurst);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  EXPECT_EQ(world.StateOf(b), AccountState::kActive);
  EXPECT_EQ(world.pool.Find(a)->throttles.count, 0);
  const auto third = world.One<Granted>();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->account, c);
}

TEST(PoolThrottle, EndsTheWaitInPlaceWhenTheAccountGoes) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), kBurst);
  AccountFacts facts = world.pool.Find(a)->facts;
  facts.enabled = false;
  world.Take(world.pool.Put(facts, world.now));
  world.Pass(1s);
  EXPECT_TRUE(world.One<Denied>());
  EXPECT_EQ(world.pool.queued(), 0u);
}

TEST(PoolThrottle, MakesANewTurnOfAConversationWaitAMomentForItsAccount) {
  World world;
  const AccountId a = world.Add("a");
  world.Settle(world.MustGrant("r1", "k", "thread"));
  world.Add("b");
  Throttle(world, "r2", "thread");
  world.Acquire("r3", "k", "thread");
  EXPECT_FALSE(world.One<Granted>());
  world.Pass(5s);
  EXPECT_EQ(world.One<Granted>()->account, a);
}

TEST(PoolThrottle, IsWaitedForByAConversationSoOftenOverAllItsRequests) {
  World world;
  const AccountId a = world.Add("a");
  world.Settle(world.MustGrant("r0", "k", "talk"));
  world.Add("b");
  Granted granted = world.MustGrant("r1", "k", "talk");
  for (int wait = 0; wait < 2; ++wait) {
    ASSERT_EQ(granted.account, a);
    world.Retry(granted, kBurst);
    ASSERT_FALSE(world.One<Granted>().has_value());
    world.Pass(5s);
    const auto again = world.One<Granted>();
    ASSERT_TRUE(again.has_value());
    granted = *again;
  }
  world.Settle(granted, false, kBurst);  // it gives up; its client asks again
  world.Pass(60s);
  granted = world.MustGrant("r2", "k", "talk");
  ASSERT_EQ(granted.account, a);
  world.Retry(granted, kBurst);
  world.Pass(5s);
  const auto third = world.One<Granted>();
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->account, a);
  world.Retry(*third, kBurst);
  const auto other = world.One<Granted>();
  ASSERT_TRUE(other.has_value()) << "three waits are enough";
  EXPECT_NE(other->account, a);
}

// As a turn over a WebSocket does: refused on its socket, it is asked again without it.
TEST(PoolThrottle, IsWaitedForByAConversationSoLongOverAllItsRequests) {
  World world;
  const AccountId a = world.Add("a");
  world.Settle(world.MustGrant("r0", "k", "talk"));
  world.Add("b");
  Granted granted = world.MustGrant("r1", "k", "talk");
  world.Retry(granted, BurstFor(6s));
  world.Pass(6s);
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again.has_value());
  world.Settle(*again, false);
  granted = world.MustGrant("r2", "k", "talk");
  ASSERT_EQ(granted.account, a);
  world.Retry(granted, BurstFor(6s));
  const auto other = world.One<Granted>();
  ASSERT_TRUE(other.has_value()) << "six seconds and six are more than ten";
  EXPECT_NE(other->account, a);
}

}  // namespace
}  // namespace patchbay::accounts
