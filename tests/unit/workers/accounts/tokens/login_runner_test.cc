#include "workers/accounts/tokens/login_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a provider tells somebody who has just logged in, and asks again for the account's models.
std::string Tokens(CoreWorld& world, const std::string& account) {
  return "{\"access_token\":\"" + Jwt(world.clock.wall + 240h, account) + "\",\"refresh_token\":\"rt_" + account +
         "\"}";
}

LoginId Begin(CoreWorld& world, bool by_device = false) {
  const auto begun = world.Await(world.core->logins().Begin({"codex", "work", by_device}));
  EXPECT_TRUE(begun.ok()) << begun.error().message;
  return begun.ok() ? *begun : LoginId();
}

Result<void> Complete(CoreWorld& world, const LoginId& login, const std::string& answer) {
  return world.Await(world.core->logins().Complete(login, Secret(answer), 1455));
}

const LoginView& View(CoreWorld& world, const LoginId& login) { return *world.core->logins().Find(login); }

std::size_t Stored(CoreWorld& world) {
  std::function<Result<std::vector<StoredLogin>>(Store&)> load = [](Store& store) { return store.LoadLogins(); };
  return world.Await(world.storage().Run<std::vector<StoredLogin>>(std::move(load)))->size();
}

void TickLogins(CoreWorld& world) {
  world.core->logins().Tick();
  world.Settle();
}

TEST(LoginRunner, AddsTheAccountAndForgetsTheLoginInOneStep) {
  CoreWorld world;
  const LoginId login = Begin(world);
  EXPECT_EQ(Stored(world), 1u) << "before anybody is sent anywhere";
  world.fetcher->Answer(200, Tokens(world, "acct"));
  ASSERT_TRUE(Complete(world, login, "ac_1").ok());
  world.Settle();
  ASSERT_EQ(View(world, login).record.phase, LoginPhase::kDone) << View(world, login).problem;
  const StoredAccount* account = world.accounts().Find(View(world, login).account);
  ASSERT_NE(account, nullptr);
  EXPECT_EQ(account->label, "work");
  EXPECT_EQ(account->provider_account_id, "acct");
  EXPECT_EQ(account->tokens.refresh.Reveal(), "rt_acct");
  EXPECT_EQ(Stored(world), 0u);
  EXPECT_THAT(world.fetcher->endpoints, ElementsAre(LoginEndpoint::kToken));
  EXPECT_EQ(world.fetcher->tokens_asked.front().str(), login.str()) << "a road of its own";
}

TEST(LoginRunner, RevivesAnAccountThatNeededALogin) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.Carry(world.pool().RefreshRefused(account, "revoked", world.Now()));
  ASSERT_EQ(world.StateOf(account), AccountState::kExpired);
  const LoginId login = Begin(world);
  world.fetcher->Answer(200, Tokens(world, "acct"));
  ASSERT_TRUE(Complete(world, login, "ac_1").ok());
  world.Settle();
  EXPECT_EQ(View(world, login).account, account);
  EXPECT_FALSE(View(world, login).created);
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
}

TEST(LoginRunner, RefusesALoginThatIsSurelyAnotherAccounts) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  LoginWish again{"codex", "", false};
  again.account = account;
  const auto begun = world.Await(world.core->logins().Begin(again));
  ASSERT_TRUE(begun.ok());
  world.fetcher->Answer(200, Tokens(world, "somebody-else"));
  ASSERT_TRUE(Complete(world, *begun, "ac_1").ok());
  world.Settle();
  EXPECT_EQ(View(world, *begun).record.phase, LoginPhase::kFailed);
  EXPECT_THAT(View(world, *begun).problem, HasSubstr("not that of account"));
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_acct");
  EXPECT_EQ(world.accounts().All().size(), 1u);
}

TEST(LoginRunner, GoesOnWhereACrashInterruptedIt) {
  CoreWorld world;
  const LoginId login = Begin(world);
  world.Crash();
  world.Start();
  ASSERT_NE(world.core->logins().Find(login), nullptr) << "its person is still away";
  world.fetcher->Answer(200, Tokens(world, "acct"));
  ASSERT_TRUE(Complete(world, login, "ac_1").ok());
  world.Settle();
  EXPECT_EQ(View(world, login).record.phase, LoginPhase::kDone);
}

TEST(LoginRunner, ShowsACodeOnceMoreWhenTheAnswerToItWasLost) {
  CoreWorld world;
  const LoginId login = Begin(world);
  world.fetcher->NoAnswer();
  ASSERT_TRUE(Complete(world, login, "ac_1").ok());
  world.Crash();  // the answer is on its way, perhaps
  world.Start();
  world.fetcher->tokens.clear();
  world.fetcher->Answer(200, Tokens(world, "acct"));
  TickLogins(world);
  ASSERT_EQ(View(world, login).record.phase, LoginPhase::kDone) << View(world, login).problem;
  EXPECT_EQ(world.fetcher->bodies.front(), world.fetcher->bodies.back()) << "the same code and verifier";
  EXPECT_THAT(world.fetcher->bodies.back(), HasSubstr("code=ac_1"));
  EXPECT_EQ(Stored(world), 0u);
}

TEST(LoginRunner, LeavesNothingBehindOfALoginThatFailed) {
  CoreWorld world;
  const LoginId login = Begin(world);
  world.fetcher->Answer(400, R"({"error":"invalid_grant"})");
  ASSERT_TRUE(Complete(world, login, "ac_1").ok());
  world.Settle();
  EXPECT_EQ(View(world, login).record.phase, LoginPhase::kFailed);
  EXPECT_EQ(Stored(world), 0u);
  EXPECT_THAT(world.accounts().All(), IsEmpty());
}

TEST(LoginRunner, SaysWhatADeviceIsToEnterAndAsksUntilItWas) {
  CoreWorld world;
  world.fetcher->Answer(200, R"({"device_auth_id":"dev","user_code":"ABCD-1","interval":"5"})");
  const LoginId login = Begin(world, /*by_device=*/true);
  EXPECT_EQ(View(world, login).record.device.user_code, "ABCD-1") << "known when Begin returns";
  world.Settle();
  EXPECT_EQ(Stored(world), 1u);
  world.clock.Pass(5s);
  world.fetcher->Answer(403, "");
  TickLogins(world);
  EXPECT_EQ(View(world, login).record.phase, LoginPhase::kWaiting);
  world.clock.Pass(5s);
  world.fetcher->Answer(200, R"({"authorization_code":"ac_2","code_verifier":"theirs"})");
  world.fetcher->Answer(200, Tokens(world, "acct"));
  TickLogins(world);
  EXPECT_EQ(View(world, login).record.phase, LoginPhase::kDone) << View(world, login).problem;
  EXPECT_THAT(world.fetcher->endpoints, ElementsAre(LoginEndpoint::kDevice, LoginEndpoint::kDeviceToken,
                                                    LoginEndpoint::kDeviceToken, LoginEndpoint::kToken));
}

TEST(LoginRunner, TellsWhoeverWaitsOfEveryChange) {
  CoreWorld world;
  const LoginId login = Begin(world);
  const std::int64_t seen = View(world, login).revision;
  bool told = false;
  world.Spawn([](CoreWorld& w, LoginId id, std::int64_t revision, bool& done) -> Awaitable<void> {
    co_await w.core->logins().WaitForChange(id, revision, 1h);
    done = true;
  }(world, login, seen, told));
  world.Settle();
  EXPECT_FALSE(told);
  world.fetcher->Answer(200, Tokens(world, "acct"));
  ASSERT_TRUE(Complete(world, login, "ac_1").ok());
  world.Until([&] { return told; });
}

TEST(LoginRunner, KeepsNobodyWaitingWhenItLeaves) {
  CoreWorld world;
  const LoginId login = Begin(world);
  bool told = false;
  world.Spawn([](CoreWorld& w, LoginId id, bool& done) -> Awaitable<void> {
    co_await w.core->logins().WaitForChange(id, w.core->logins().Find(id)->revision, 1h);
    done = true;
  }(world, login, told));
  world.Settle();
  world.core->logins().Leave();
  world.Until([&] { return told; });
}

TEST(Administration, EndsALoginWithItsProvider) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->Answer(200, "{}");
  const auto removed = world.Await(world.core->administration().RemoveAccount(account, /*revoke=*/true));
  ASSERT_TRUE(removed.ok());
  EXPECT_TRUE(*removed);
  EXPECT_THAT(world.fetcher->endpoints, ElementsAre(LoginEndpoint::kRevoke));
  EXPECT_THAT(world.fetcher->bodies.back(), HasSubstr("\"token\":\"rt_acct\""));
  EXPECT_EQ(world.accounts().Find(account), nullptr);
}

TEST(Administration, RemovesAnAccountWhoseProviderDoesNotAnswer) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.fetcher->NoAnswer();
  const auto removed = world.Await(world.core->administration().RemoveAccount(account, /*revoke=*/true));
  ASSERT_TRUE(removed.ok());
  EXPECT_FALSE(*removed);
  EXPECT_EQ(world.accounts().Find(account), nullptr);
}

}  // namespace
}  // namespace patchbay::accounts
