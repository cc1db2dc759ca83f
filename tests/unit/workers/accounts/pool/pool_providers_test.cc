// One model at several providers: who is asked, and when another takes over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

AccountId AddAt(World& world, const std::string& provider, const std::string& name) {
  AccountFacts facts;
  facts.id = AccountId(name);
  facts.provider = provider;
  facts.order = world.next_order++;
  facts.has_access_token = true;
  facts.credential_version = 1;
  facts.logs_in = false;
  world.Take(world.pool.Put(facts, world.now));
  return facts.id;
}

// "m" of "first", and behind it the same of "second".
void AcquireAtTwo(World& world, const std::string& request, const std::string& affinity = "",
                  std::optional<std::chrono::milliseconds> wait = std::nullopt, const std::string& pinned = "") {
  const auto terms = [](const std::string& dialect) {
    return std::make_shared<const CallTerms>(CallTerms{"m", "", "", false, dialect, false});
  };
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = 1;
  args.request = RequestId(request);
  args.provider = "first";
  args.wire_model = "m";
  args.terms = terms("one");
  args.affinity_key = affinity;
  args.pinned = AccountId(pinned);
  args.max_wait = wait;
  args.others =
      std::make_shared<const std::vector<ModelTerms>>(std::vector<ModelTerms>{{"second", "m", {}, terms("two")}});
  world.Take(world.pool.Acquire(args, world.now));
}

TEST(PoolProviders, AreAskedInTheirOrder) {
  World world;
  AddAt(world, "second", "b");
  AddAt(world, "first", "a");
  AcquireAtTwo(world, "r1");
  const auto granted = world.One<Granted>();
  EXPECT_EQ(granted->account, AccountId("a"));
  EXPECT_EQ(granted->terms->dialect, "one");
}

TEST(PoolProviders, TakeOverWithinARequestWhenTheAccountsOfAnotherFail) {
  for (const FailureFacts& failure :
       {Status(429, Cause::kExhausted), Status(401, Cause::kCredential), Status(503), Stopped(Stage::kConnect)}) {
    World world;
    AddAt(world, "first", "a");
    AddAt(world, "second", "b");
    AcquireAtTwo(world, "r1");
    const auto first = world.One<Granted>();
    ASSERT_EQ(first->account, AccountId("a"));
    world.Retry(*first, failure);
    const auto second = world.One<Granted>();
    ASSERT_TRUE(second.has_value()) << failure.http_status;
    EXPECT_EQ(second->account, AccountId("b"));
    EXPECT_EQ(second->terms->dialect, "two") << "by the route of that provider";
    world.Settle(*second);
  }
}

TEST(PoolProviders, AreNamedToADeniedTurnWhereOneWithoutSocketsMayServeIt) {
  for (const bool may : {false, true}) {
    World world;
    AddAt(world, "first", "a");
    AcquireArgs args;
    args.frontend = world.frontend;
    args.epoch = 1;
    args.request = RequestId("r1");
    args.provider = "first";
    args.wire_model = "m";
    args.without_socket = may;
    world.Take(world.pool.Acquire(args, world.now));
    const auto granted = world.One<Granted>();
    ASSERT_TRUE(granted.has_value());
    world.Retry(*granted, Status(429, Cause::kExhausted));
    const auto denied = world.One<Denied>();
    ASSERT_TRUE(denied.has_value());
    EXPECT_EQ(denied->without_socket, may);
  }
}

TEST(PoolProviders, NameNobodyWhereTheRequestItselfIsAtFault) {
  World world;
  AddAt(world, "first", "a");
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = 1;
  args.request = RequestId("r1");
  args.provider = "first";
  args.wire_model = "m";
  args.without_socket = true;
  world.Take(world.pool.Acquire(args, world.now));
  world.Retry(*world.One<Granted>(), Status(400, Cause::kBadRequest));
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied.has_value());
  EXPECT_EQ(denied->code, DenyCode::kRequestFault);
  EXPECT_FALSE(denied->without_socket);
}

TEST(PoolProviders, TakeOverRatherThanLetARequestWait) {
  PoolSettings settings = DefaultSettings();
  settings.slots_per_account = 1;
  World world(settings);
  AddAt(world, "first", "a");
  AddAt(world, "second", "b");
  AcquireAtTwo(world, "r1");
  AcquireAtTwo(world, "r2");
  const auto granted = world.All<Granted>();
  ASSERT_EQ(granted.size(), 2u);
  EXPECT_EQ(granted[1].account, AccountId("b"));
  AcquireAtTwo(world, "r3");
  EXPECT_FALSE(world.One<Granted>().has_value()) << "both are busy";
  world.Settle(granted[1]);
  EXPECT_EQ(world.One<Granted>()->account, AccountId("b")) << "whichever is free first";
}

TEST(PoolProviders, AreNotTriedForWhatIsTheRequestsOwnFault) {
  World world;
  AddAt(world, "first", "a");
  AddAt(world, "second", "b");
  AcquireAtTwo(world, "r1");
  world.Retry(*world.One<Granted>(), Status(400, Cause::kContextTooLong));
  EXPECT_FALSE(world.One<Granted>().has_value());
  EXPECT_EQ(world.One<Denied>()->code, DenyCode::kRequestFault);
}

TEST(PoolProviders, WithoutAnAccountAreLeftOut) {
  World world;
  AddAt(world, "second", "b");
  AcquireAtTwo(world, "r1");
  EXPECT_EQ(world.One<Granted>()->account, AccountId("b"));
}

TEST(PoolProviders, ThatAllWaitAreToldByTheOneThatIsBackFirst) {
  World world;
  const AccountId a = AddAt(world, "first", "a");
  const AccountId b = AddAt(world, "second", "b");
  const auto exhaust = [&](const AccountId& account, std::chrono::seconds reset) {
    UsageAnswer answer;
    answer.http_status = 200;
    answer.quota.limit_reached = true;
    answer.quota.windows.push_back({"primary", 100, std::chrono::seconds(18000), world.now.wall + reset});
    world.Take(world.pool.UsageChecked(account, answer, world.now));
  };
  exhaust(a, 1h);
  exhaust(b, 3h);
  AcquireAtTwo(world, "r1", "", 1s);
  const auto denied = world.One<Denied>();
  EXPECT_EQ(denied->code, DenyCode::kExhausted);
  EXPECT_EQ(denied->available_at, world.now.wall + 1h);
}

TEST(PoolProviders, KeepTheConversationsThatBeganWithThem) {
  World world;
  const AccountId a = AddAt(world, "first", "a");
  AddAt(world, "second", "b");
  world.Take(world.pool.UsageChecked(a, {401, Cause::kUnknown, "", {}, false}, world.now));
  AcquireAtTwo(world, "r1", "talk");
  const auto began = world.One<Granted>();
  ASSERT_EQ(began->account, AccountId("b"));
  world.Settle(*began);
  world.Take(world.pool.ClearMarks(a, world.now));
  AcquireAtTwo(world, "r2", "talk");
  const auto goes_on = world.One<Granted>();
  EXPECT_EQ(goes_on->account, AccountId("b"));
  EXPECT_EQ(goes_on->terms->dialect, "two");
  EXPECT_THAT(goes_on->reason, HasSubstr("affinity"));
  AcquireAtTwo(world, "r3", "another talk");
  EXPECT_EQ(world.One<Granted>()->account, a);
}

TEST(PoolProviders, AreNotChangedUnderARequestThatIsPinned) {
  World world;
  const AccountId a = AddAt(world, "first", "a");
  AddAt(world, "second", "b");
  world.Take(world.pool.UsageChecked(a, {401, Cause::kUnknown, "", {}, false}, world.now));
  AcquireAtTwo(world, "r1", "", 1s, "a");
  EXPECT_FALSE(world.One<Granted>().has_value());
  EXPECT_TRUE(world.One<Denied>().has_value());
}

TEST(PoolProviders, JudgeACallersOwnLoginForTheCallerAlone) {
  for (const FailureFacts& failure : {Status(429, Cause::kExhausted), Status(401, Cause::kCredential),
                                      Status(403, Cause::kDeactivated), Status(403)}) {
    World world;
    AccountFacts facts;
    facts.id = AccountId("callers");
    facts.provider = "first";
    facts.has_access_token = true;
    facts.logs_in = false;
    facts.is_callers = true;
    world.Take(world.pool.Put(facts, world.now));
    AddAt(world, "second", "b");
    AcquireAtTwo(world, "r1");
    const auto granted = world.One<Granted>();
    ASSERT_TRUE(granted.has_value());
    EXPECT_TRUE(granted->callers_login);
    QuotaFacts quota;
    quota.limit_reached = true;
    quota.windows.push_back({"primary", 100, 5h, world.now.wall + 1h});
    world.Retry(*granted, failure, quota);
    const auto denied = world.One<Denied>();
    ASSERT_TRUE(denied.has_value()) << failure.http_status;
    EXPECT_EQ(denied->code, DenyCode::kRequestFault) << "no other account takes a request that its login may not make";
    EXPECT_TRUE(world.All<MarkChanged>().empty());
    EXPECT_TRUE(world.All<QuotaChanged>().empty());
    AcquireAtTwo(world, "r2");
    EXPECT_EQ(world.One<Granted>()->account, AccountId("callers"));
  }
}

}  // namespace
}  // namespace patchbay::accounts
