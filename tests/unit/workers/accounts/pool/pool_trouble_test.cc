// What failures, refreshes and checks do to accounts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

FailureFacts UsageLimit(WallTime resets_at) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.resets_at = resets_at;
  return failure;
}

TEST(PoolTrouble, MovesOnFromAnExhaustedAccount) {
  World world;
  world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1");
  world.Retry(first, UsageLimit(world.now.wall + 2h));
  const auto second = world.One<Granted>();
  ASSERT_TRUE(second);
  EXPECT_NE(second->account, first.account);
  EXPECT_EQ(second->attempt, 2);
  EXPECT_EQ(world.StateOf(first.account), AccountState::kExhausted);
}

TEST(PoolTrouble, ShowsARequestFaultAndChangesNothing) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  world.Retry(world.MustGrant("r1"), Status(400, "invalid_value"));
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kRequestFault);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
}

TEST(PoolTrouble, TriesTheSameAccountOnceWithoutReasoningThatItCannotUnseal) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1");
  EXPECT_FALSE(first.without_sealed_reasoning);
  world.Retry(first, Status(400, Cause::kSealedReasoning));
  const auto second = world.One<Granted>();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->account, first.account);
  EXPECT_TRUE(second->without_sealed_reasoning);
  EXPECT_EQ(second->attempt, 2) << "it counts as an attempt";
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  EXPECT_TRUE(world.All<MarkChanged>().empty());

  world.Retry(*second, Status(400, Cause::kSealedReasoning));
  EXPECT_FALSE(world.One<Granted>());
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kRequestFault) << "once is enough";
}

TEST(PoolTrouble, KeepsGoingWithoutSealedReasoningOnAnotherAccount) {
  World world;
  world.Add("a");
  world.Add("b");
  world.Retry(world.MustGrant("r1"), Status(400, Cause::kSealedReasoning));
  const auto second = world.One<Granted>();
  ASSERT_TRUE(second);
  world.Retry(*second, Status(403, Cause::kDeactivated));
  const auto third = world.One<Granted>();
  ASSERT_TRUE(third);
  EXPECT_NE(third->account, second->account);
  EXPECT_TRUE(third->without_sealed_reasoning) << "what one account's key sealed another's opens even less";
}

TEST(PoolTrouble, GrantsNoUnsealedTryBeyondTheAttempts) {
  PoolSettings settings = DefaultSettings();
  settings.attempts_max = 1;
  World world(settings);
  world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(400, Cause::kSealedReasoning));
  EXPECT_FALSE(world.One<Granted>());
  EXPECT_TRUE(world.One<Denied>());
}

TEST(PoolTrouble, TurnsTheSameAnswerOfASecondAccountIntoARequestFault) {
  World world;
  const AccountId a = world.Add("a");
  const AccountId b = world.Add("b");
  world.Add("c");
  const Granted first = world.MustGrant("r1");
  world.Retry(first, Status(403, "odd"));
  EXPECT_EQ(world.StateOf(first.account), AccountState::kThrottled);
  world.Retry(*world.One<Granted>(), Status(403, "odd"));
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kRequestFault);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  EXPECT_EQ(world.StateOf(b), AccountState::kActive);
  EXPECT_EQ(world.All<UsageWanted>().size(), 2u) << "both are asked, so that a true ban shows";
}

TEST(PoolTrouble, TriesAThirdWhenTwoSpeakEachOfThemselves) {
  World world;
  world.Add("a");
  world.Add("b");
  world.Add("c");
  const Granted first = world.MustGrant("r1");
  world.Retry(first, UsageLimit(world.now.wall + 2h));
  const auto second = world.One<Granted>();
  world.Retry(*second, UsageLimit(world.now.wall + 5h));
  EXPECT_TRUE(world.One<Granted>());
  EXPECT_EQ(world.StateOf(first.account), AccountState::kExhausted);
  EXPECT_EQ(world.StateOf(second->account), AccountState::kExhausted);
}

TEST(PoolTrouble, AsksAnAccountItselfWhenARequestThatHasMarkedOneSuspectsIt) {
  World world;
  world.Add("a", /*refresh_token=*/false);
  world.Add("b");
  world.Retry(world.MustGrant("r1"), Status(401));
  const auto second = world.One<Granted>();
  world.Retry(*second, Status(403, "odd"));
  EXPECT_EQ(world.StateOf(AccountId("a")), AccountState::kThrottled);
  EXPECT_EQ(world.StateOf(second->account), AccountState::kActive) << "one mark on weak evidence";
  EXPECT_EQ(world.All<UsageWanted>().size(), 2u);
  UsageAnswer answer;
  answer.http_status = 200;
  answer.quota.limit_reached = true;
  world.Take(world.pool.UsageChecked(second->account, answer, world.now));
  EXPECT_EQ(world.StateOf(second->account), AccountState::kExhausted);
}

TEST(PoolTrouble, SaysWhenTheFirstAccountIsBack) {
  World world;
  world.Add("a");
  const Granted only = world.MustGrant("r1");
  world.Retry(only, UsageLimit(world.now.wall + 2h));
  auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kExhausted);
  EXPECT_EQ(denied->available_at, world.now.wall + 2h);
  world.Acquire("r2");
  denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kExhausted);
  EXPECT_EQ(denied->retry_after, std::chrono::milliseconds(2h));
}

TEST(PoolTrouble, LetsARequestWaitOutAShortThrottle) {
  World world;
  world.Add("a");
  FailureFacts throttle = Status(429, Cause::kRateLimited);
  throttle.retry_after = 12s;
  world.Retry(world.MustGrant("r1"), throttle);
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kThrottled);
  world.Acquire("r2");
  EXPECT_FALSE(world.One<Denied>());
  world.Pass(12s);
  EXPECT_EQ(world.One<Granted>()->request, RequestId("r2"));
}

TEST(PoolTrouble, UsesAnExhaustedAccountAgainWhenTheUsageEndpointSaysSo) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), UsageLimit(world.now.wall + 100h));
  world.All<Denied>();
  world.Pass(14s);
  EXPECT_FALSE(world.One<UsageWanted>());
  world.Pass(1s);
  ASSERT_TRUE(world.One<UsageWanted>());
  UsageAnswer answer;
  answer.http_status = 200;
  world.Take(world.pool.UsageChecked(a, answer, world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  world.MustGrant("r2");
}

TEST(PoolTrouble, LooksAgainWithinTheCapForAsLongAsAnAccountIsExhausted) {
  PoolSettings settings = DefaultSettings();
  settings.recheck_max = 1min;
  World world(settings);
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), UsageLimit(world.now.wall + 1000h));
  int checks = 0;
  for (int minute = 0; minute < 60; ++minute) {
    world.Pass(61s);
    for (const auto& wanted : world.All<UsageWanted>()) {
      ++checks;
      world.Take(world.pool.UsageChecked(wanted.account, {}, world.now));  // no answer
    }
  }
  EXPECT_GE(checks, 59);
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
}

TEST(PoolTrouble, BelievesNoExhaustionBeyondItsEvidence) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(429, Cause::kExhausted));  // no reset time
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
  world.Pass(5min);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
}

TEST(PoolTrouble, LetsAThrottleEndThoughTheCalendarJumpsBack) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(429, Cause::kRateLimited));
  world.now.wall -= 24h;
  world.Pass(5s);
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
}

TEST(PoolTrouble, WaitsForTheRefreshAndTriesTheSameAccountOnce) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1");
  ASSERT_EQ(first.account, a);
  world.Retry(first, Status(401));
  EXPECT_FALSE(world.One<Granted>()) << "the other account is not tried: the token is being refreshed";
  ASSERT_TRUE(world.One<RefreshWanted>());
  world.Refreshed(a);
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->account, a);
  EXPECT_EQ(again->credential_version, 2);
  EXPECT_EQ(again->attempt, 1);
  world.Retry(*again, Status(401));
  EXPECT_FALSE(world.One<RefreshWanted>()) << "one refresh for one request";
  EXPECT_EQ(world.One<Granted>()->account, AccountId("b"));
  EXPECT_EQ(world.StateOf(a), AccountState::kThrottled) << "until it has been looked into";
  EXPECT_TRUE(world.One<UsageWanted>());
}

TEST(PoolTrouble, AsksForOneRefreshForManyRequests) {
  PoolSettings settings = DefaultSettings();
  settings.slots_per_account = 100;
  World world(settings);
  const AccountId a = world.Add("a");
  std::vector<Granted> grants;
  for (int i = 0; i < 100; ++i) grants.push_back(world.MustGrant("r" + std::to_string(i)));
  for (const Granted& grant : grants) world.Retry(grant, Status(401, Cause::kCredential));
  EXPECT_EQ(world.All<RefreshWanted>().size(), 1u);
  world.Refreshed(a);
  EXPECT_EQ(world.All<Granted>().size(), 100u);
}

TEST(PoolTrouble, DoesNotRefreshAgainForACallThatUsedTheOldToken) {
  World world;
  const AccountId a = world.Add("a");
  const Granted slow = world.MustGrant("slow");
  const Granted quick = world.MustGrant("quick");
  world.Retry(quick, Status(401));
  world.All<RefreshWanted>();
  world.Refreshed(a);
  EXPECT_EQ(world.One<Granted>()->request, RequestId("quick"));
  world.Retry(slow, Status(401));
  EXPECT_FALSE(world.One<RefreshWanted>());
  EXPECT_EQ(world.One<Granted>()->credential_version, 2);
}

TEST(PoolTrouble, GoesElsewhereWhenTheRefreshIsRefused) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1");
  world.Retry(first, Status(401));
  world.Take(world.pool.RefreshRefused(a, "token endpoint: 401 refresh_token_reused", world.now));
  EXPECT_EQ(world.One<Granted>()->account, AccountId("b"));
  EXPECT_EQ(world.StateOf(a), AccountState::kExpired);
  EXPECT_THAT(world.pool.Find(a)->mark.evidence, HasSubstr("refresh_token_reused"));
}

TEST(PoolTrouble, GoesElsewhereWhenTheRefreshFailsForNow) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  world.Retry(world.MustGrant("r1"), Status(401));
  world.Take(world.pool.RefreshFailed(a, world.now));
  EXPECT_EQ(world.One<Granted>()->account, AccountId("b"));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
}

TEST(PoolTrouble, NeverShowsAClientOurOwn401) {
  World world;
  world.Add("a", /*refresh_token=*/false);
  world.Retry(world.MustGrant("r1"), Status(401));
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
}

TEST(PoolTrouble, TriesTheSameAccountAgainWhenItWasNeverReached) {
  World world;
  world.Add("a");
  world.Retry(world.MustGrant("r1"), Stopped(Stage::kGateway));
  const auto again = world.One<Granted>();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attempt, 1) << "our own trouble uses up no attempt";
}

TEST(PoolTrouble, PrefersAnotherAccountAfterAFailedConnect) {
  World world;
  world.Add("a");
  world.Add("b");
  const Granted first = world.MustGrant("r1", "", "thread");
  world.Retry(first, Stopped(Stage::kConnect));
  EXPECT_NE(world.One<Granted>()->account, first.account);
}

TEST(PoolTrouble, NeverTriesAnAccountTwiceThatAnswered) {
  World world;
  world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(500));
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kPath);
}

TEST(PoolTrouble, StopsAfterTheConfiguredAttempts) {
  World world;
  for (const char* name : {"a", "b", "c", "d", "e"}) world.Add(name);
  Granted grant = world.MustGrant("r1");
  for (int i = 0; i < 2; ++i) {
    world.Retry(grant, Status(502));
    grant = *world.One<Granted>();
  }
  EXPECT_EQ(grant.attempt, 3);
  world.Retry(grant, Status(502));
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kAttempts);
}

TEST(PoolTrouble, HoldsRequestsBackWhileTheWayIsDownAndSendsAScout) {
  World world;
  world.Add("a");
  for (int i = 0; i < 5; ++i) {
    world.Retry(world.MustGrant("r" + std::to_string(i), "", "c" + std::to_string(i)), Status(502));
  }
  world.All<Denied>();
  world.Acquire("next");
  world.Acquire("after");
  EXPECT_TRUE(world.All<Granted>().empty());
  world.Pass(1s);
  const auto scout = world.All<Granted>();
  ASSERT_EQ(scout.size(), 1u);
  world.Settle(scout.front());
  EXPECT_EQ(world.All<Granted>().size(), 1u) << "the way is open again";
}

TEST(PoolTrouble, OpensTheBreakerForNoSingleRequest) {
  PoolSettings settings = DefaultSettings();
  settings.attempts_max = 10;
  World world(settings);
  for (int i = 0; i < 10; ++i) world.Add("a" + std::to_string(i));
  Granted grant = world.MustGrant("poisoned");
  for (int i = 0; i < 9; ++i) {
    world.Retry(grant, Status(500));
    grant = *world.One<Granted>();
  }
  world.Retry(grant, Status(500));
  world.All<Denied>();
  world.MustGrant("healthy");
}

TEST(PoolTrouble, UndoesOnlyItsOwnMark) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  const Granted mine = world.MustGrant("mine");
  const Granted theirs = world.MustGrant("theirs");
  (void)theirs;
  world.Retry(mine, Status(403, "odd"));
  const auto second = world.One<Granted>();
  // Meanwhile we ask ourselves, and the account is really shut.
  UsageAnswer shut;
  shut.http_status = 402;
  shut.cause = Cause::kDeactivated;
  world.Take(world.pool.UsageChecked(a, shut, world.now));
  world.Retry(*second, Status(403, "odd"));
  EXPECT_EQ(world.StateOf(a), AccountState::kBanned);
}

TEST(PoolTrouble, NeverBringsABanBackByItself) {
  World world;
  const AccountId a = world.Add("a");
  world.Retry(world.MustGrant("r1"), Status(403, Cause::kDeactivated));
  world.Refreshed(a);
  world.Pass(1000h);
  EXPECT_EQ(world.StateOf(a), AccountState::kBanned);
  world.Take(world.pool.ClearMarks(a, world.now));
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
}

TEST(PoolTrouble, LearnsFromFailuresAfterTheFirstOutputToo) {
  World world;
  const AccountId a = world.Add("a");
  FailureFacts reported;
  reported.stage = Stage::kReported;
  reported.http_status = 200;
  reported.cause = Cause::kRateLimited;
  reported.retry_after = 1500ms;
  world.Settle(world.MustGrant("r1"), false, reported);
  EXPECT_EQ(world.StateOf(a), AccountState::kThrottled);
  EXPECT_EQ(world.pool.Find(a)->mark.until, world.now.wall + 1500ms);
}

}  // namespace
}  // namespace patchbay::accounts
