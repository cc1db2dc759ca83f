// What is believed of one account, whatever others answer, and what is not (account-pools §4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

FailureFacts UsedUp(WallTime resets_at) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.code = "usage_limit_reached";
  failure.resets_at = resets_at;
  return failure;
}

UsageAnswer Healthy() {
  UsageAnswer answer;
  answer.http_status = 200;
  return answer;
}

TEST(PoolEvidence, TwoAccountsUsedUpUntilTheSameMinuteAreBothExhaustedAndNobodyIsAskedAgain) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b");
  const WallTime reset = world.now.wall + 2h;
  world.Retry(world.MustGrant("r1"), UsedUp(reset + 20s));
  world.Retry(*world.One<Granted>(), UsedUp(reset));
  auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kExhausted);
  EXPECT_EQ(denied->available_at, reset) << "the earliest";
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
  EXPECT_EQ(world.StateOf(b), AccountState::kExhausted);
  for (int i = 0; i < 10; ++i) {
    world.Acquire("n" + std::to_string(i));
    EXPECT_FALSE(world.One<Granted>());
    denied = world.One<Denied>();
    ASSERT_TRUE(denied);
    EXPECT_EQ(denied->code, DenyCode::kExhausted);
    EXPECT_EQ(denied->available_at, reset);
    EXPECT_EQ(denied->retry_after, std::chrono::milliseconds(2h));
  }
}

TEST(PoolEvidence, TheFifthAccountServesWhenTheFourBeforeItAreDead) {
  World world;
  for (const char* name : {"a", "b", "c", "d"}) world.Add(name, /*refresh_token=*/false);
  const AccountId e = world.Add("e");
  const FailureFacts dead[] = {UsedUp(world.now.wall + 2h), Status(401, Cause::kCredential),
                               Status(401, Cause::kDeactivated), Status(429, Cause::kNotIncluded)};
  Granted grant = world.MustGrant("r1");
  for (const FailureFacts& failure : dead) {
    EXPECT_NE(grant.account, e);
    world.Retry(grant, failure);
    const auto next = world.One<Granted>();
    ASSERT_TRUE(next) << Describe(failure);
    grant = *next;
  }
  EXPECT_EQ(grant.account, e);
  EXPECT_EQ(grant.attempt, 5);
  world.Settle(grant);
  EXPECT_EQ(world.MustGrant("r2").account, e);
}

TEST(PoolEvidence, ADeadAccountTakesNoAttemptFromThoseThatFailOnTheWay) {
  World world;
  for (int i = 0; i < 9; ++i) world.Add("a" + std::to_string(i));
  Granted grant = world.MustGrant("r1");
  int failed = 0;
  for (int i = 0; failed < 3; ++i) {
    failed += i % 2;
    world.Retry(grant, i % 2 == 0 ? Status(402, Cause::kDeactivated) : Status(502));
    if (failed < 3) grant = *world.One<Granted>();
  }
  EXPECT_EQ(grant.attempt, 6);
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kAttempts);
}

TEST(PoolEvidence, ACauseOfItsOwnMarksEachAccountThatTellsIt) {
  const std::pair<Cause, AccountState> causes[] = {{Cause::kExhausted, AccountState::kExhausted},
                                                   {Cause::kDeactivated, AccountState::kBanned},
                                                   {Cause::kNotIncluded, AccountState::kBanned},
                                                   {Cause::kCredential, AccountState::kExpired}};
  for (const auto& [cause, state] : causes) {
    World world;
    const AccountId accounts[] = {world.Add("a", false), world.Add("b", false), world.Add("c", false)};
    world.Acquire("r1");
    while (const auto granted = world.One<Granted>()) world.Retry(*granted, Status(400, cause));
    for (const AccountId& account : accounts) EXPECT_EQ(world.StateOf(account), state) << ToString(cause);
    const auto denied = world.One<Denied>();
    ASSERT_TRUE(denied);
    EXPECT_NE(denied->code, DenyCode::kRequestFault);
    EXPECT_EQ(world.pool.leases_open(), 0u);
  }
}

TEST(PoolEvidence, RefreshesEachAccountWhoseTokenIsNamedInvalid) {
  World world;
  world.Add("a");
  world.Add("b");
  world.Acquire("r1");
  int refreshes = 0;
  for (int i = 0; i < 10; ++i) {
    if (const auto granted = world.One<Granted>()) world.Retry(*granted, Status(401, Cause::kCredential));
    if (const auto wanted = world.One<RefreshWanted>()) {
      ++refreshes;
      world.Take(world.pool.RefreshRefused(wanted->account, "refresh_token_invalidated", world.now));
    }
  }
  EXPECT_EQ(refreshes, 2);
  EXPECT_EQ(world.StateOf(AccountId("a")), AccountState::kExpired);
  EXPECT_EQ(world.StateOf(AccountId("b")), AccountState::kExpired);
}

TEST(PoolEvidence, IsNotUndoneByWhatTheRequestSeesElsewhere) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  world.Add("c");
  world.Retry(world.MustGrant("r1"), UsedUp(world.now.wall + 2h));
  const auto second = world.One<Granted>();
  world.Retry(*second, Status(403, "odd"));
  const auto third = world.One<Granted>();
  ASSERT_TRUE(third);
  world.Retry(*third, Status(403, "odd"));
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kRequestFault);
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
  EXPECT_EQ(world.StateOf(second->account), AccountState::kActive);
  EXPECT_EQ(world.StateOf(third->account), AccountState::kActive);
}

TEST(PoolEvidence, OfA403WithoutACauseIsLookedForBeforeABan) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(403, "odd"));
  EXPECT_EQ(world.StateOf(a), AccountState::kThrottled);
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 30s);
  ASSERT_TRUE(world.One<UsageWanted>());
  UsageAnswer shut;
  shut.http_status = 402;
  shut.cause = Cause::kDeactivated;
  shut.code = "deactivated_workspace";
  world.Take(world.pool.UsageChecked(a, shut, world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kBanned);
  EXPECT_THAT(world.pool.Find(a)->mark.evidence, HasSubstr("deactivated_workspace"));
}

TEST(PoolEvidence, OfA403WithoutACauseNeverBansByItself) {
  World world;
  const AccountId a = world.Add("a");
  for (int i = 0; i < 200; ++i) {
    world.Acquire("r" + std::to_string(i), "k", "c" + std::to_string(i), 1ms);
    if (const auto granted = world.One<Granted>()) world.Retry(*granted, Status(403, "odd"));
    for (const auto& wanted : world.All<UsageWanted>()) {
      UsageAnswer unclear;
      unclear.http_status = 403;  // some tokens may not read it (account-pools §1.2)
      world.Take(world.pool.UsageChecked(wanted.account, unclear, world.now));
    }
    EXPECT_NE(world.StateOf(a), AccountState::kBanned);
    const Mark& mark = world.pool.Find(a)->mark;
    EXPECT_LE(mark.until.value_or(world.now.wall) - world.now.wall, 10min);
    world.Pass(1min);
  }
  EXPECT_GT(world.pool.Find(a)->suspicions.count, 5);
}

TEST(PoolEvidence, ASuspicionEndsWithTheFirstHealthyLookAndLastsLongerWhenItComesBack) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1", "k", "one"), Status(403, "odd"));
  ASSERT_TRUE(world.One<UsageWanted>());
  world.Take(world.pool.UsageChecked(a, Healthy(), world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  world.Retry(world.MustGrant("r2", "k", "two"), Status(403, "odd"));
  ASSERT_TRUE(world.One<UsageWanted>());
  world.Take(world.pool.UsageChecked(a, Healthy(), world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kThrottled) << "that it answers for its usage does not help";
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 60s);
  world.Pass(1min);
  world.Settle(world.MustGrant("r3", "k", "three"));
  world.Retry(world.MustGrant("r4", "k", "four"), Status(403, "odd"));
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 30s) << "a call that went well clears it";
}

// A 401 that names no cause, on a token that is fresh or cannot be renewed.
Granted Refused401(World& world, const AccountId& account, const std::string& request) {
  Granted granted = world.MustGrant(request, "k", request);
  world.Retry(granted, Status(401));
  if (world.One<RefreshWanted>()) {
    world.Refreshed(account);
    granted = *world.One<Granted>();
    world.Retry(granted, Status(401));
  }
  return granted;
}

TEST(PoolEvidence, LooksIntoA401WithoutACauseBeforeItNeedsALogin) {
  for (const bool refresh_token : {true, false}) {
    World world;
    const AccountId a = world.Add("a", refresh_token);
    Refused401(world, a, "r1");
    EXPECT_EQ(world.StateOf(a), AccountState::kThrottled);
    EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 30s);
    ASSERT_TRUE(world.One<UsageWanted>());
    world.Take(world.pool.UsageChecked(a, {401, Cause::kUnknown, "", {}, false}, world.now));
    EXPECT_EQ(world.StateOf(a), AccountState::kExpired);
    EXPECT_THAT(world.pool.Find(a)->mark.evidence,
                HasSubstr(refresh_token ? "401, with a fresh token too; the usage endpoint answered 401 too"
                                        : "401, and it has no refresh token; the usage endpoint"));
    EXPECT_FALSE(world.One<RefreshWanted>()) << "it has just been renewed";
  }
}

TEST(PoolEvidence, A401OfATokenThatWasRenewedMeanwhileIsNoReasonToRenewItAgain) {
  World world;
  const AccountId a = world.Add("a");
  world.Take(world.pool.Recheck(a, world.now));
  ASSERT_TRUE(world.One<UsageWanted>());
  world.Retry(world.MustGrant("r1", "k", "one"), Status(401));
  ASSERT_TRUE(world.One<RefreshWanted>());
  world.Refreshed(a);
  world.Take(world.pool.UsageChecked(a, {401, Cause::kUnknown, "", {}, false}, world.now));
  EXPECT_FALSE(world.One<RefreshWanted>());
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  world.Take(world.pool.Recheck(a, world.now));
  world.Take(world.pool.UsageChecked(a, {401, Cause::kUnknown, "", {}, false}, world.now));
  EXPECT_TRUE(world.One<RefreshWanted>()) << "this one was asked with the token of now";
}

TEST(PoolEvidence, BelievesA401WhereNobodyCanBeAsked) {
  World world;
  const AccountId a = world.Add("a");
  Refused401(world, a, "r1");
  UsageAnswer nowhere;
  nowhere.nowhere = true;
  world.Take(world.pool.UsageChecked(a, nowhere, world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kExpired);
}

TEST(PoolEvidence, TakesA401OfAnAccountThatAnswersForItsUsageForTheWaysDoing) {
  World world;
  const AccountId a = world.Add("a");
  Refused401(world, a, "r1");
  world.Take(world.pool.UsageChecked(a, Healthy(), world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  world.All<UsageWanted>();
  world.Retry(world.MustGrant("r2", "k", "r2"), Status(401));
  EXPECT_FALSE(world.One<RefreshWanted>()) << "the token was refused when it was fresh";
  EXPECT_EQ(world.StateOf(a), AccountState::kThrottled);
  world.Take(world.pool.UsageChecked(a, {}, world.now));
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 60s) << "each time it rests longer";
  world.Pass(1min);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive) << "an endpoint that says nothing ends no login";
}

TEST(PoolEvidence, AReadingOfBeforeARefusalDoesNotLiftIt) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(403, "odd"));
  ASSERT_TRUE(world.One<UsageWanted>()) << "asked now";
  world.Pass(31s);
  world.Retry(world.MustGrant("r2"), UsedUp(world.now.wall + 2h));
  world.Take(world.pool.UsageChecked(a, Healthy(), world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
  world.Pass(1min);
  ASSERT_TRUE(world.One<UsageWanted>()) << "but it is asked again";
  world.Take(world.pool.UsageChecked(a, Healthy(), world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
}

}  // namespace
}  // namespace patchbay::accounts
