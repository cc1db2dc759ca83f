#include "workers/accounts/books/account_book.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

TEST(AccountBook, AddsAnAccountThatIsLeasableAndDurable) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  EXPECT_EQ(world.accounts().Find(account)->provider_account_id, "acct");
  EXPECT_EQ(world.accounts().Find(account)->email, "u@example.com");
  ASSERT_NE(world.pool().Find(account), nullptr);
  world.Crash();
  world.Start();
  ASSERT_NE(world.accounts().Find(account), nullptr);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_acct");
}

TEST(AccountBook, UpdatesAnIdentityItKnows) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  const auto again = world.Add(Jwt(world.clock.wall + 300h, "acct"), "rt_newer", "named");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->account, account);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_newer");
  EXPECT_EQ(world.accounts().Find(account)->label, "named");
  EXPECT_EQ(world.accounts().Find(account)->credential_version, 2);
}

TEST(AccountBook, LetsNoOlderCopyOfALoginReplaceANewerOne) {
  CoreWorld world;
  const auto issued = [&](std::chrono::milliseconds at) {
    return IssuedJwt(world.clock.wall + at, world.clock.wall + 240h, "acct");
  };
  const AccountId account = world.Add(issued(-1h), "rt_now")->account;
  const auto older = world.Add(issued(-2h), "rt_spent", "named");
  EXPECT_EQ(older->account, account);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_now") << "the file is a copy from before a refresh";
  EXPECT_EQ(world.accounts().Find(account)->label, "named");
  EXPECT_EQ(world.Add(issued(0h), "rt_next")->account, account);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_next");
}

TEST(AccountBook, TakesTokensThatSayNothingOfThemselves) {
  CoreWorld world;
  for (const char* odd : {"e30.e30.x", "e30.eyJleHAiOiJzb29uIiwiaWF0IjotMX0.x"}) {  // {} and {"exp":"soon","iat":-1}
    const auto added = world.Add(odd, std::string("rt_") + odd);
    ASSERT_TRUE(added.ok()) << added.error().message;
    EXPECT_EQ(world.accounts().TokenExpiry(added->account), std::nullopt);
    EXPECT_TRUE(world.accounts().Find(added->account)->provider_account_id.empty());
    const auto again = world.Add(odd, std::string("rt_") + odd);
    EXPECT_EQ(again->account, added->account) << "the same token is the same account";
    world.refresher().Tick();
    world.Settle();
    EXPECT_TRUE(world.fetcher->bodies.empty()) << "it is not old yet";
  }
}

// What a person brings who logs in with a provider whose tokens do not say whose they are.
Result<Added> LogIn(CoreWorld& world, const std::string& serial, const std::string& label = {},
                    const AccountId& replaces = {}, bool without_access = false) {
  NewAccount account;
  account.provider = "kimi";
  account.label = label;
  account.issued = true;
  account.expires_in = 1h;
  account.replaces = replaces;
  if (!without_access) account.tokens.access = Secret("opaque-" + serial);
  account.tokens.refresh = Secret("rt-" + serial);
  std::vector<NewAccount> accounts;
  accounts.push_back(std::move(account));
  auto added = world.Await(world.accounts().Add(std::move(accounts)));
  EXPECT_TRUE(added.front().ok()) << added.front().error().message;
  return std::move(added.front());
}

TEST(AccountBook, GivesTokensThatSayNothingToTheAccountThatThePersonNames) {
  CoreWorld world;
  const AccountId account = LogIn(world, "1")->account;
  world.Carry(world.pool().RefreshRefused(account, "revoked", world.Now()));
  ASSERT_EQ(world.StateOf(account), AccountState::kExpired);
  const auto again = LogIn(world, "2", "", account);
  EXPECT_EQ(again->account, account);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(world.RefreshTokenOf(account), "rt-2");
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  EXPECT_EQ(LogIn(world, "3", "", account, /*without_access=*/true)->account, account);
  EXPECT_TRUE(world.accounts().Find(account)->tokens.access.empty()) << "it may be another person's";
  EXPECT_EQ(world.RefreshTokenOf(account), "rt-3");
  EXPECT_TRUE(LogIn(world, "4")->created) << "nobody says whose it is";
  EXPECT_TRUE(LogIn(world, "5", "", AccountId("acc_gone"))->created) << "it was removed meanwhile";
}

TEST(AccountBook, GivesTokensThatSayNothingToTheOneAccountOfTheirLabel) {
  CoreWorld world;
  const AccountId work = LogIn(world, "1", "work")->account, home = LogIn(world, "2", "home")->account;
  EXPECT_NE(work, home);
  EXPECT_EQ(LogIn(world, "3", "work")->account, work);
  EXPECT_EQ(world.RefreshTokenOf(work), "rt-3");
  EXPECT_EQ(world.RefreshTokenOf(home), "rt-2");
  world.Crash();
  world.Start();
  EXPECT_EQ(world.RefreshTokenOf(work), "rt-3");
  EXPECT_EQ(world.accounts().All().size(), 2u);
  const AccountId named = world.MustAdd("acct");
  EXPECT_NE(named, work) << "tokens that say whose they are go by that alone";
}

TEST(AccountBook, TellsUsersOfOneWorkspaceApart) {
  CoreWorld world;
  world.MustAdd("team");
  const auto other = world.Add(Jwt(world.clock.wall + 240h, "team", "user-2"), "rt_2");
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(other->created);
}

TEST(AccountBook, RevivesAnExpiredAccountWithANewLoginButNoBannedOne) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  world.Carry(world.pool().RefreshRefused(account, "gone", world.Now()));
  world.MustAdd("acct");
  EXPECT_EQ(world.StateOf(account), AccountState::kActive);
  UsageAnswer shut;
  shut.http_status = 402;
  shut.cause = Cause::kDeactivated;
  world.Carry(world.pool().UsageChecked(account, shut, world.Now()));
  world.MustAdd("acct");
  EXPECT_EQ(world.StateOf(account), AccountState::kBanned);
}

TEST(AccountBook, RefusesWhatCannotBeAnAccount) {
  CoreWorld world;
  EXPECT_FALSE(world.Add("", "").ok());
  EXPECT_FALSE(world.Add("not a token", "").ok());
  EXPECT_FALSE(world.Add("opaque", "").ok());
  EXPECT_FALSE(world.Add(Jwt(world.clock.wall - 1h, "acct"), "").ok()) << "expired, and nothing to refresh it with";
  EXPECT_TRUE(world.Add("at-personal", "").ok());
  EXPECT_EQ(world.accounts().All().size(), 1u);
}

TEST(AccountBook, FindsAnAccountByItsLabelOrABeginningOfItsRef) {
  CoreWorld world;
  const AccountId account = world.Add(Jwt(world.clock.wall + 1h, "acct"), "", "home")->account;
  EXPECT_EQ(*world.accounts().Resolve("home"), account);
  EXPECT_EQ(*world.accounts().Resolve(account.str().substr(0, 8)), account);
  EXPECT_EQ(world.accounts().Resolve("away").error().code, ErrorCode::kNotFound);
  world.MustAdd("other");
  EXPECT_EQ(world.accounts().Resolve("acc_").error().code, ErrorCode::kInvalidArgument) << "two begin so";
}

TEST(AccountBook, KeepsPriorityWeightAndTagsAndTellsThePool) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  AccountEdit edit;
  edit.priority = -3;
  edit.weight = 7;
  edit.tags = {"shared", "a", "shared"};
  ASSERT_TRUE(world.Await(world.accounts().Update(account, edit)).ok());
  EXPECT_EQ(world.pool().Find(account)->facts.priority, -3);
  world.MustAdd("acct");  // a new login is no new wish
  world.Crash();
  world.Start();
  EXPECT_EQ(world.pool().Find(account)->facts.priority, -3);
  EXPECT_EQ(world.pool().Find(account)->facts.weight, 7);
  EXPECT_EQ(world.pool().Find(account)->facts.tags, (std::vector<std::string>{"a", "shared"}));
}

TEST(AccountBook, RefusesWeightsPrioritiesAndTagsOutOfBounds) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  for (const int weight : {0, -1, AccountBook::kWeightMax + 1}) {
    AccountEdit edit;
    edit.weight = weight;
    EXPECT_EQ(world.Await(world.accounts().Update(account, edit)).error().code, ErrorCode::kInvalidArgument);
  }
  for (const int priority : {-AccountBook::kPriorityMax - 1, AccountBook::kPriorityMax + 1}) {
    AccountEdit edit;
    edit.priority = priority;
    EXPECT_EQ(world.Await(world.accounts().Update(account, edit)).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(world.accounts().Find(account)->weight, 1);
  for (const std::vector<std::string>& tags : {std::vector<std::string>{"a b"}, {""}, {std::string(65, 'a')}}) {
    AccountEdit edit;
    edit.tags = tags;
    EXPECT_EQ(world.Await(world.accounts().Update(account, edit)).error().code, ErrorCode::kInvalidArgument);
  }
  AccountEdit many;
  many.tags.emplace();
  for (int i = 0; i < 17; ++i) many.tags->push_back("tag" + std::to_string(i));
  EXPECT_EQ(world.Await(world.accounts().Update(account, many)).error().code, ErrorCode::kInvalidArgument);
}

TEST(AccountBook, AddsAThousandInOneStep) {
  CoreWorld world;
  std::vector<NewAccount> accounts;
  for (int i = 0; i < 1000; ++i) {
    NewAccount account;
    account.tokens.access = Secret(Jwt(world.clock.wall + 1h, "acct-" + std::to_string(i)));
    accounts.push_back(std::move(account));
  }
  const auto results = world.Await(world.accounts().Add(std::move(accounts)));
  for (const auto& result : results) EXPECT_TRUE(result.ok());
  EXPECT_EQ(world.pool().accounts().size(), 1000u);
}

TEST(AccountBook, KeepsStateQuotaAndMarksOverARestart) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  UsageAnswer full;
  full.http_status = 200;
  full.quota.limit_reached = true;
  full.quota.windows = {{"primary", 100, 18000s, world.clock.wall + 2h}};
  world.Carry(world.pool().UsageChecked(account, full, world.Now()));
  world.Settle();
  world.Crash();
  world.Start();
  EXPECT_EQ(world.StateOf(account), AccountState::kExhausted);
  EXPECT_EQ(world.pool().Find(account)->mark.until, world.clock.wall + 2h);
}

TEST(AccountBook, RemovesAnAccountWithItsSecrets) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  EXPECT_TRUE(world.Await(world.accounts().Remove(account)).ok());
  EXPECT_EQ(world.pool().Find(account), nullptr);
  world.Crash();
  world.Start();
  EXPECT_TRUE(world.accounts().All().empty());
}

}  // namespace
}  // namespace patchbay::accounts
