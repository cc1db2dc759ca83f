#include "workers/accounts/core/usage_checks.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

TEST(UsageChecks, BelieveOnlyWhatTheProviderSays) {
  CoreWorld world;
  const AccountId a = world.MustAdd("one");
  world.pool().Restore(a, {AccountState::kExhausted, "429", world.clock.wall - 1h, world.clock.wall + 24h, {}}, {},
                       world.Now());
  EXPECT_EQ(world.Await(world.core->checks().Recheck(a)), "no answer: nobody answers");
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted) << "without an answer it stays as it is";
  world.fetcher->usages.push_back(FetchAnswer{500, Secret("{}")});
  EXPECT_EQ(world.Await(world.core->checks().Recheck(a)), "its usage endpoint answered 500");
  EXPECT_EQ(world.StateOf(a), AccountState::kExhausted);
  world.fetcher->usages.push_back(
      FetchAnswer{200, Secret(R"({"rate_limit":{"allowed":true,"limit_reached":false,)"
                              R"("primary_window":{"used_percent":10,"limit_window_seconds":18000}}})")});
  EXPECT_EQ(world.Await(world.core->checks().Recheck(a)), "");
  EXPECT_EQ(world.StateOf(a), AccountState::kActive);
  world.pool().Restore(a, {AccountState::kBanned, "403", world.clock.wall - 1h, std::nullopt, {}}, {}, world.Now());
  world.fetcher->usages.push_back(FetchAnswer{200, Secret(R"({"rate_limit":{"allowed":true,"limit_reached":false}})")});
  EXPECT_EQ(world.Await(world.core->checks().Recheck(a)), "");
  EXPECT_EQ(world.StateOf(a), AccountState::kBanned) << "a ban is a human's to lift";
}

TEST(UsageChecks, AskTwoAccountsAtATimeForTheOperator) {
  CoreWorld world;
  std::vector<AccountId> accounts;
  for (const char* name : {"one", "two", "three", "four"}) accounts.push_back(world.MustAdd(name));
  int done = 0;
  for (const AccountId& account : accounts) {
    world.Spawn([](CoreWorld* w, AccountId id, int* count) -> Awaitable<void> {
      (void)co_await w->core->checks().Recheck(std::move(id));
      ++*count;
    }(&world, account, &done));
  }
  world.Until([&] { return done == 4; });
  EXPECT_EQ(world.fetcher->usage_calls, 4);
  EXPECT_EQ(world.fetcher->usage_most, UsageChecks::kRechecksMax);
}

}  // namespace
}  // namespace patchbay::accounts
