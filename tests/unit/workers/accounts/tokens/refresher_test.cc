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

// wishes #14: a token endpoint that is asked too often has a back-off of its own, and says nothing about the account.
TEST(Refresher, TakesATokenEndpointsLimitForNoneOfTheAccount) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 4min);
  world.fetcher->Answer(429, R"({"error":{"type":"rate_limit_error"}})");
  Tick(world);
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  EXPECT_FALSE(world.refresher().PerhapsSpentSince(*world.accounts().Find(account))) << "it was not taken";
  world.clock.Pass(4s);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "not before its pause is over";
  world.fetcher->Answer(429, "");
  world.clock.Pass(2s);
  Tick(world);
  world.clock.Pass(10s);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 2u) << "and longer the second time";
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  world.clock.Pass(20s);
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
}

TEST(Refresher, GetsTokensOfMinutesWithALoginThatStays) {
  CoreWorld world;
  std::vector<NewAccount> accounts(1);
  accounts[0].provider = "github-copilot";
  accounts[0].tokens.refresh = Secret("gho_1");
  const auto results = world.Await(world.accounts().Add(std::move(accounts)));
  ASSERT_TRUE(results.front().ok()) << results.front().error().message;
  const AccountId account = results.front()->account;
  world.Settle();
  world.fetcher->Answer(200, R"({"token":"tid=a;exp=1790000900:s","refresh_in":600})");
  Tick(world);
  EXPECT_THAT(world.fetcher->endpoints, ElementsAre(LoginEndpoint::kSession));
  EXPECT_EQ(world.accounts().Find(account)->tokens.access.Reveal(), "tid=a;exp=1790000900:s");
  EXPECT_EQ(world.accounts().TokenExpiry(account), world.clock.wall + 600s) << "by our clock";
  EXPECT_EQ(world.RefreshTokenOf(account), "gho_1");
  world.clock.Pass(7min);
  Tick(world);
  EXPECT_EQ(world.fetcher->endpoints.size(), 1u) << "not before its row says so";
  world.clock.Pass(1min);
  world.fetcher->Answer(200, R"({"token":"second","refresh_in":600})");
  Tick(world);
  EXPECT_EQ(world.accounts().Find(account)->tokens.access.Reveal(), "second");
  world.clock.Pass(8min);
  world.fetcher->Answer(401, R"({"message":"Bad credentials"})");
  Tick(world);
  EXPECT_EQ(world.StateOf(account), AccountState::kExpired);
}

TEST(Refresher, WritesThatItShowsTheTokenBeforeItDoes) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  std::vector<RefreshClaim> seen;
  world.fetcher->on_token = [&] {
    auto store = OpenStore(world.directory.path);
    seen = *(*store)->LoadClaims();
  };
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  world.refresher().Want(account, "test");
  world.Settle();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].account, account);
  EXPECT_EQ(seen[0].shown_at, world.clock.wall);
  auto store = OpenStore(world.directory.path);
  EXPECT_EQ(seen[0].owner, *(*store)->Node());
  EXPECT_TRUE((*store)->LoadClaims()->empty()) << "and ends the claim with the result";
}

TEST(Refresher, WaitsForAnotherProcessAndTakesItsTokens) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  auto other = *OpenStore(world.directory.path);
  const WallTime now = world.clock.wall;
  ASSERT_TRUE(other->ClaimRefresh({account, 1, "other", now, now + 2min, std::nullopt}).ok());
  bool done = false;
  world.Spawn([](CoreWorld& w, AccountId id, bool& d) -> Awaitable<void> {
    EXPECT_TRUE((co_await w.refresher().RefreshNow(id)).ok());
    d = true;
  }(world, account, done));
  world.Settle();
  EXPECT_FALSE(done);
  StoredAccount theirs = **other->LoadAccount(account);
  theirs.tokens.refresh = Secret("rt_theirs");
  theirs.credential_version = 2;
  ASSERT_TRUE(*other->PutTokens(theirs, 1));
  world.Until([&] { return done; });
  EXPECT_TRUE(world.fetcher->bodies.empty()) << "nobody is asked twice";
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_theirs");
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
}

TEST(Refresher, BlamesNoAccountForAnothersClaim) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 4min);
  auto other = *OpenStore(world.directory.path);
  const WallTime now = world.clock.wall;
  ASSERT_TRUE(other->ClaimRefresh({account, 1, "other", now, now + 2min, std::nullopt}).ok());
  Tick(world);
  EXPECT_EQ(world.refresher().flights(), 1u) << "it waits";
  world.clock.Pass(Refresher::kClaimPatience);
  world.Until([&] { return world.refresher().flights() == 0; });
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  EXPECT_TRUE(world.fetcher->bodies.empty());
  world.clock.Pass(2min);  // whoever it was is gone
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
}

TEST(Refresher, TakesARefusalForARaceWhenSomebodyLeftNewTokens) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->on_token = [&] {
    auto other = *OpenStore(world.directory.path);
    StoredAccount theirs = **other->LoadAccount(account);
    theirs.tokens.refresh = Secret("rt_theirs");
    theirs.credential_version = 2;
    EXPECT_TRUE(*other->PutTokens(theirs, 1));
  };
  world.fetcher->Answer(401, R"({"error":{"code":"refresh_token_reused"}})");
  world.refresher().Want(account, "test");
  world.Settle();
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_theirs");
}

TEST(Refresher, StandsBackBehindALoginThatCameInMeanwhile) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->on_token = [&] {
    world.Spawn([](CoreWorld& w) -> Awaitable<void> {
      NewAccount again;
      again.tokens = {Secret(Jwt(w.clock.wall + 300h, "acct")), Secret("rt_login"), Secret()};
      std::vector<NewAccount> accounts;
      accounts.push_back(std::move(again));
      (void)co_await w.accounts().Add(std::move(accounts));
    }(world));
  };
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_of_the_old_login"));
  world.refresher().Want(account, "test");
  world.Settle();
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_login");
  EXPECT_EQ((*(*OpenStore(world.directory.path))->LoadAccount(account))->tokens.refresh.Reveal(), "rt_login");
}

TEST(Refresher, KnowsThatWhatWasNotSentIsNotSpent) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 4min);
  world.fetcher->tokens.push_back(Error(ErrorCode::kFailedPrecondition, "FAILURE_STAGE_CONNECT: refused"));
  Tick(world);
  EXPECT_TRUE((*OpenStore(world.directory.path))->LoadClaims()->empty());
  world.clock.Pass(6s);
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2") << "tried again at once";
}

TEST(Refresher, ShowsNoTokenAgainWhoseAnswerGotLostWhileTheAccessTokenIsGood) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 4min);
  world.fetcher->NoAnswer();
  std::vector<Happened> told;
  world.core->OnEvent([&](const Happened& event) { told.push_back(event); });
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, events::v1::EVENT_KIND_LOGIN_IN_DOUBT);
  EXPECT_EQ(told[0].account, account);
  world.clock.Pass(2min + 50s);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u);
  world.Crash();
  world.fetcher->Answer(200, NewTokens(world, "acct", "rt_2"));
  world.Start();
  world.Settle();
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "nor after a restart";
  world.clock.Pass(20s);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 2u) << "now there is nothing to lose";
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2") << "it had not arrived";
  EXPECT_TRUE((*OpenStore(world.directory.path))->LoadClaims()->empty());
}

TEST(Refresher, BelievesAFreshTokenWhateverTheClockSays) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct", 1h);
  world.clock.wall += 24h;  // somebody has set the clock
  const WallTime right = world.clock.wall - 24h;
  world.fetcher->Answer(200,
                        R"({"refresh_token":"rt_2","access_token":")" + IssuedJwt(right, right + 1h, "acct") + "\"}");
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
  EXPECT_FALSE(world.pool().Find(account)->token_expired(world.clock.wall)) << "it has just been issued";
  for (int i = 0; i < 50; ++i) {
    world.clock.Pass(1min);
    Tick(world);
  }
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "one refresh for the jump";
  world.Crash();
  world.Start();
  EXPECT_FALSE(world.pool().Find(account)->token_expired(world.clock.wall)) << "nor after a restart";
  world.clock.wall -= 24h;  // and back
  Tick(world);
  EXPECT_FALSE(world.pool().Find(account)->token_expired(world.clock.wall));
  EXPECT_EQ(world.fetcher->bodies.size(), 1u) << "should it end before, the provider says so";
}

TEST(Refresher, RenewsTokensWithoutClaimsByTheirAge) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->Answer(200, R"({"access_token":"opaque","refresh_token":"rt_2"})");
  world.refresher().Want(account, "test");
  world.Settle();
  world.clock.Pass(100h);
  Tick(world);
  EXPECT_EQ(world.fetcher->bodies.size(), 1u);
  world.Crash();
  world.Start();
  world.clock.Pass(92h);
  world.fetcher->Answer(200, R"({"access_token":"opaque2","refresh_token":"rt_3","expires_in":3600})");
  Tick(world);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_3") << "after eight days (codex-wire §14.4)";
  world.Crash();
  world.Start();
  EXPECT_EQ(world.accounts().TokenExpiry(account), world.clock.wall + 1h) << "what the answer told is kept";
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
