// Whether waiting makes sense, when it is asked often and little changes in between.
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

FailureFacts UsedUpUntil(WallTime until) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.resets_at = until;
  return failure;
}

// Exhausts the account that serves the next request.
AccountId Exhaust(World& world, const std::string& request, std::chrono::milliseconds rest) {
  const Granted granted = world.MustGrant(request);
  world.Settle(granted, false, UsedUpUntil(world.now.wall + rest));
  return granted.account;
}

DenyCode CodeOf(World& world, const std::string& request) {
  world.Acquire(request);
  const auto denied = world.One<Denied>();
  EXPECT_TRUE(denied.has_value()) << request;
  return denied ? denied->code : DenyCode::kQueueFull;
}

TEST(PoolProspect, FollowsWhatChanges) {
  World world;
  world.Add("a");
  world.Add("b");
  const AccountId first = Exhaust(world, "r1", 2h), second = Exhaust(world, "r2", 3h);
  EXPECT_EQ(CodeOf(world, "r3"), DenyCode::kExhausted);
  world.Acquire("r4");
  EXPECT_EQ(world.One<Denied>()->available_at, world.now.wall + 2h);

  world.Take(world.pool.ClearMarks(second, world.now));
  world.Settle(world.MustGrant("r5"));
  AccountFacts facts = world.pool.Find(second)->facts;
  facts.enabled = false;
  world.Take(world.pool.Put(facts, world.now));
  EXPECT_EQ(CodeOf(world, "r6"), DenyCode::kExhausted);
  facts.enabled = true;
  facts.has_access_token = facts.has_refresh_token = false;
  world.Take(world.pool.Put(facts, world.now));
  EXPECT_EQ(CodeOf(world, "r7"), DenyCode::kExhausted) << "the other comes back by itself";
  world.Take(world.pool.Remove(first, world.now));
  EXPECT_EQ(CodeOf(world, "r8"), DenyCode::kNoAccount);
  world.Add("c");
  world.MustGrant("r9");
}

TEST(PoolProspect, IsOfTheModelThatIsAskedFor) {
  World world;
  world.Add("a");
  world.Settle(world.MustGrant("r1"), false, Status(404, Cause::kModel));
  EXPECT_EQ(CodeOf(world, "r2"), DenyCode::kUnknownModel);
  world.Acquire("r3", "", "", std::nullopt, "gpt-other");
  EXPECT_TRUE(world.One<Granted>().has_value());
}

TEST(PoolProspect, LetsWaitForWhatComesBackInTime) {
  World world;
  world.Add("a");
  Exhaust(world, "r1", 2h);
  EXPECT_EQ(CodeOf(world, "r2"), DenyCode::kExhausted);
  world.Pass(2h - 30s);
  world.Acquire("r3");
  EXPECT_EQ(world.pool.queued(), 1u) << "it is back within the minute that a request may wait";
  world.Pass(30s);
  EXPECT_TRUE(world.One<Granted>().has_value());
}

TEST(PoolProspect, IsForgottenBeforeThereAreTooMany) {
  World world;
  world.Add("a");
  Exhaust(world, "r1", 2h);
  for (std::size_t i = 0; i < Prospects::kMax * 2; ++i) {
    world.Acquire("s" + std::to_string(i), "", "", std::nullopt, "model-" + std::to_string(i));
    ASSERT_EQ(world.One<Denied>()->code, DenyCode::kExhausted);
  }
}

}  // namespace
}  // namespace patchbay::accounts
