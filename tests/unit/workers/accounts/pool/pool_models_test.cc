// What accounts refuse and their plans lack, and which model a request goes on to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PoolModels, RemembersWhichModelAnAccountRefused) {
  World world;
  const AccountId a = world.Add("a");
  world.Add("b");
  const FailureFacts refusal = Status(400, Cause::kModel);
  const Granted first = world.MustGrant("r1");
  ASSERT_EQ(first.account, a);
  world.Retry(first, refusal);
  const auto second = world.One<Granted>();
  EXPECT_EQ(second->account, AccountId("b"));
  world.Settle(*second);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.MustGrant("n" + std::to_string(i)).account, AccountId("b"));
  world.Acquire("other", "", "", std::nullopt, "gpt-6-luna");
  EXPECT_EQ(world.One<Granted>()->account, a) << "other models are not touched";
}

TEST(PoolModels, BelievesARefusalUntilTheProvidersListSaysOtherwise) {
  World world;
  const AccountId a = world.Add("a");
  const auto granted_after_refusal = [&](const std::string& request) {
    world.Acquire(request);
    const auto granted = world.One<Granted>();
    if (granted) world.Settle(*granted);
    return granted.has_value();
  };
  world.Retry(world.MustGrant("r1"), Status(404, Cause::kModel));
  world.Pass(2h);
  EXPECT_FALSE(granted_after_refusal("r2"));
  world.Take(world.pool.ModelsTold("codex", "", {"gpt-6-luna"}, world.now));
  EXPECT_FALSE(granted_after_refusal("r3")) << "the list does not name it";
  world.Take(world.pool.ModelsTold("codex", "pro", {"gpt-5.5"}, world.now));
  EXPECT_FALSE(granted_after_refusal("r4")) << "another plan's list says nothing of this one";
  world.Take(world.pool.ModelsTold("codex", "", {"gpt-5.5"}, world.now));
  EXPECT_TRUE(granted_after_refusal("r5"));
  world.Retry(world.MustGrant("r6"), Status(404, Cause::kModel));
  EXPECT_TRUE(world.pool.AllRefuse("codex", "gpt-5.5"));
  AccountFacts facts = world.pool.Find(a)->facts;
  facts.plan = "pro";
  world.Take(world.pool.Put(facts, world.now));
  EXPECT_TRUE(granted_after_refusal("r7")) << "another plan has other models";
}

TEST(PoolModels, ForgetsTheOldestOfTooManyRefusals) {
  World world;
  const AccountId a = world.Add("a");
  for (int i = 0; i < 100; ++i) {
    world.Acquire("r" + std::to_string(i), "", "", std::nullopt, "gpt-x" + std::to_string(i));
    const auto granted = world.One<Granted>();
    ASSERT_TRUE(granted) << i;
    world.Retry(*granted, Status(404, Cause::kModel));
    world.Pass(1s);
  }
  EXPECT_EQ(world.pool.Find(a)->model_refusals.size(), 64U);
  EXPECT_TRUE(world.pool.AllRefuse("codex", "gpt-x99"));
  EXPECT_FALSE(world.pool.AllRefuse("codex", "gpt-x0"));
}

// Asks for "first", behind which stand "second" and "third".
void AcquireWithOthers(World& world, const std::string& request) {
  const auto terms = [](const std::string& effort) {
    return std::make_shared<const CallTerms>(CallTerms{"alias", effort, "", false});
  };
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = 1;
  args.request = RequestId(request);
  args.provider = "codex";
  args.wire_model = "first";
  args.terms = terms("low");
  args.others = std::make_shared<const std::vector<ModelTerms>>(
      std::vector<ModelTerms>{{"codex", "second", {}, terms("high")}, {"codex", "third", {}, terms("")}});
  world.Take(world.pool.Acquire(args, world.now));
}

TEST(PoolModels, GoesOnToTheNextModelOfANameWithinTheRequest) {
  World world;
  world.Add("a");
  world.Add("b");
  AcquireWithOthers(world, "r1");
  std::vector<std::string> calls;
  while (const auto granted = world.One<Granted>()) {
    calls.push_back(granted->wire_model + "@" + granted->account.str() + " " + granted->terms->effort);
    if (granted->wire_model == "third") {
      world.Settle(*granted);
      break;
    }
    world.Retry(*granted, Status(404, Cause::kModel));
  }
  EXPECT_THAT(
      calls, ElementsAre("first@a low", "first@b low", HasSubstr("second@"), HasSubstr("second@"), HasSubstr("third@")))
      << "each account is asked for a model before the next one is taken";
  AcquireWithOthers(world, "r2");
  EXPECT_EQ(world.One<Granted>()->wire_model, "third") << "what was refused is remembered";
}

TEST(PoolModels, TellsThatNoModelOfANameIsServedWhenAllAreRefused) {
  World world;
  world.Add("a");
  AcquireWithOthers(world, "r1");
  for (int i = 0; i < 3; ++i) {
    const auto granted = world.One<Granted>();
    ASSERT_TRUE(granted) << i;
    world.Retry(*granted, Status(404, Cause::kModel));
  }
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kUnknownModel);
  EXPECT_EQ(denied->model, "alias");
}

TEST(PoolModels, AsksNoAccountForAModelThatItsPlanLacks) {
  World world;
  const AccountId a = world.Add("a");
  const AccountId b = world.Add("b");
  AccountFacts facts = world.pool.Find(a)->facts;
  facts.plan = "free";
  world.Take(world.pool.Put(facts, world.now));
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = 1;
  args.provider = "codex";
  args.wire_model = "large";
  args.lacking_plans = {"free"};
  for (int i = 0; i < 3; ++i) {
    args.request = RequestId("r" + std::to_string(i));
    world.Take(world.pool.Acquire(args, world.now));
    EXPECT_EQ(world.One<Granted>()->account, b);
  }
  world.Take(world.pool.Remove(b, world.now));
  args.request = RequestId("last");
  world.Take(world.pool.Acquire(args, world.now));
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kUnknownModel);
}

TEST(PoolModels, ARefusalBesideAnAccountThatWaitsForItsWindowIsNoUnknownModel) {
  World world;
  world.Add("a");
  world.Add("b");
  FailureFacts exhausted = Status(429, Cause::kExhausted);
  exhausted.retry_after = 3h;
  const Granted first = world.MustGrant("r1");
  world.Retry(first, exhausted);
  world.Retry(*world.One<Granted>(), Status(404, Cause::kModel));
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->code, DenyCode::kExhausted) << "when it is back it may serve the model";
  EXPECT_TRUE(denied->retry_after);
}

TEST(PoolModels, SaysUnknownModelWhenEveryAccountHasRefusedIt) {
  World world;
  world.Add("a");
  FailureFacts refusal = Status(404, Cause::kModel);
  world.Retry(world.MustGrant("r1"), refusal);
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kUnknownModel);
  world.Acquire("r2");
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kUnknownModel);
}

}  // namespace
}  // namespace patchbay::accounts
