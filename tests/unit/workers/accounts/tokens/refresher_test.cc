#include "workers/accounts/tokens/refresher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string NewTokens(CoreWorld& world, const std::string& account, const std::string& refresh) {
  return "{\"access_token\":\"" + Jwt(world.clock.wall + 240h, account) + "\",\"refresh_token\":\"" + refresh + "\"}";
}

void Tick(CoreWorld& world) {
  world.refresher().Tick();
  world.Settle();
}

TEST(Refresher, RefreshesATokenBeforeItExpires) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 1h);
  Tick(world);
  EXPECT_TRUE(world.fetcher->bodies.empty());
  world.clock.Pass(56min);
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
  EXPECT_EQ(world.accounts().Find(account)->credential_version, 2);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "once";
  EXPECT_THAT(world.fetcher->tokens_asked, ::testing::ElementsAre(account));
  world.Crash();
  world.Start();
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
}

TEST(Refresher, FliesOnceForAllWhoAsk) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  int done = 0;
  for (int i = 0; i < 100; ++i) {
    world.refresher().Want(account, "test");
    world.Spawn([](CoreWorld& w, AccountId id, int& count) -> Awaitable<void> {
      const Result<void> refreshed = co_await w.refresher().RefreshNow(id);
      count += refreshed.ok() ? 1 : 0;
    }(world, account, done));
  }
  world.Until([&] { return done == 100; });
  EXPECT_EQ(world.fetcher->bodies.size(), 1u);
}

TEST(Refresher, SaysThatALoginIsGone) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->Answer(401, R"({"error":{"code":"refresh_token_invalidated"}})");
  world.refresher().Want(account, "test");
  world.Settle();
  EXPECT_EQ(world.StateOf(account), AccountState::kExpired);
  EXPECT_THAT(world.Evidence(account), HasSubstr("was revoked"));
  world.clock.Pass(239h);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "a dead token is not sent again";
}

TEST(Refresher, TriesAgainLaterAndKeepsUsingAValidToken) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 4min);
  world.fetcher->Answer(503, "");
  Tick(world);
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "not at once";
  world.clock.Pass(6s);
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
}

TEST(Refresher, WritesItsIntentBeforeItAsks) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  std::vector<RefreshIntent> seen;
  world.fetcher->on_token = [&] {
    auto store = OpenStore(world.directory.path);
    seen = *(*store)->LoadIntents();
  };
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  world.refresher().Want(account, "test");
  world.Settle();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].account, account);
  auto store = OpenStore(world.directory.path);
  EXPECT_TRUE((*store)->LoadIntents()->empty()) << "and closes it with the result";
}

// Every durable step of a refresh, with a crash right after it.
TEST(Refresher, LosesNoLoginWhateverItIsKilledIn) {
  {
    SCOPED_TRACE("after the intent, before the call");
    CoreWorld world;
    const AccountId account = world.MustAdd("acct");
    { EXPECT_TRUE((*OpenStore(world.directory.path))->PutIntent({account, 1, world.clock.wall}).ok()); }
    world.Crash();
    world.fetcher.reset();
    world.Start();
    world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
    world.Settle();
    EXPECT_THAT(world.fetcher->bodies, ElementsAre(HasSubstr("rt_acct"))) << "it is tried once more";
    EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
    EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  }
  {
    SCOPED_TRACE("after the provider took the token, before the result was kept");
    CoreWorld world;
    const AccountId account = world.MustAdd("acct");
    { EXPECT_TRUE((*OpenStore(world.directory.path))->PutIntent({account, 1, world.clock.wall}).ok()); }
    world.Crash();
    world.fetcher.reset();
    world.Start();
    world.fetcher->Answer(401, R"({"error":{"code":"refresh_token_reused"}})");
    world.Settle();
    EXPECT_EQ(world.StateOf(account), AccountState::kExpired);
    EXPECT_THAT(world.Evidence(account), HasSubstr("most likely it was ours"));
    EXPECT_THAT(world.Evidence(account), Not(HasSubstr("rt_acct")));
  }
  {
    SCOPED_TRACE("after the result was kept");
    CoreWorld world;
    const AccountId account = world.MustAdd("acct");
    world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
    world.refresher().Want(account, "test");
    world.Until([&] { return world.RefreshTokenOf(account) == "rt_2" && world.storage().pending() == 0; });
    world.Crash();
    world.fetcher.reset();
    world.Start();
    world.Settle();
    EXPECT_TRUE(world.fetcher->bodies.empty());
    EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
  }
}

TEST(Refresher, RemembersAnAnswerThatGotLost) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->NoAnswer();
  world.refresher().Want(account, "test");
  world.Settle();
  EXPECT_EQ(world.StateOf(account), AccountState::kActive) << "the old token may still be good";
  world.clock.Pass(10s);
  world.fetcher->Answer(401, R"({"error":{"code":"refresh_token_reused"}})");
  world.refresher().Want(account, "test");
  world.Settle();
  EXPECT_THAT(world.Evidence(account), HasSubstr("most likely it was ours"));
}

TEST(Refresher, ExchangesALoneRefreshTokenAndMergesAnIdentityItKnows) {
  CoreWorld world;
  const AccountId known = world.MustAdd("acct");
  const auto added = world.Add("", "rt_alone");
  ASSERT_TRUE(added.ok());
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_next"));
  EXPECT_TRUE(world.Await(world.refresher().RefreshNow(added->account)).ok());
  const auto merged = world.Await(world.accounts().MergeIfKnown(added->account));
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(merged->account, known);
  EXPECT_EQ(world.accounts().All().size(), 1u);
  EXPECT_EQ(world.RefreshTokenOf(known), "rt_next");
}

TEST(Core, LetsARequestThatMet401WaitForTheRefresh) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  AcquireArgs acquire;
  acquire.frontend = FrontendId("f");
  acquire.epoch = 1;
  acquire.request = RequestId("r");
  acquire.provider = "codex";
  acquire.wire_model = "gpt-5.5";
  world.Carry(world.pool().Acquire(acquire, world.Now()));
  ASSERT_EQ(world.granted.size(), 1u);
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  RetryArgs retry;
  retry.frontend = acquire.frontend;
  retry.epoch = 1;
  retry.request = acquire.request;
  retry.lease = world.granted[0].lease;
  retry.failure.stage = Stage::kStatus;
  retry.failure.http_status = 401;
  world.Carry(world.pool().Retry(retry, world.Now()));
  EXPECT_EQ(world.granted.size(), 1u);
  world.Settle();
  ASSERT_EQ(world.granted.size(), 2u);
  EXPECT_EQ(world.granted[1].account, account);
  EXPECT_EQ(world.granted[1].credential_version, 2);
  EXPECT_EQ(world.granted[1].reason, "refreshed");
}

}  // namespace
}  // namespace patchbay::accounts
