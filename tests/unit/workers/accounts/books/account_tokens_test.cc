// What happens to the tokens of accounts that are there. Merging and refreshing stand in tokens/refresher_test.
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

Tokens TokensOf(const std::string& access, const std::string& refresh) {
  Tokens tokens;
  tokens.access = Secret(access);
  tokens.refresh = Secret(refresh);
  return tokens;
}

std::int64_t VersionOf(CoreWorld& world, const AccountId& account) {
  return world.accounts().Find(account)->credential_version;
}

TEST(AccountTokens, AreInUseAndKeptAtOnce) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  const std::int64_t before = VersionOf(world, account);
  const auto applied = world.Await(world.accounts().ApplyTokens(
      account, Secret("rt_acct"), TokensOf(Jwt(world.clock.wall + 100h, "acct"), "rt_2"), std::nullopt));
  ASSERT_TRUE(applied.ok()) << applied.error().message;
  EXPECT_EQ(VersionOf(world, account), before + 1);
  EXPECT_TRUE(world.accounts().IsKept(account));
  EXPECT_EQ(world.accounts().TokenExpiry(account), world.clock.wall + 100h);
  world.Crash();
  world.Start();
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_2");
}

TEST(AccountTokens, OfALoginThatCameMeanwhileStay) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  ASSERT_TRUE(world.Add(Jwt(world.clock.wall + 240h, "acct"), "rt_new_login").ok());
  const std::int64_t version = VersionOf(world, account);
  const auto late = world.Await(
      world.accounts().ApplyTokens(account, Secret("rt_acct"), TokensOf("access of before", "rt_late"), std::nullopt));
  EXPECT_TRUE(late.ok()) << "no failure: a newer login is there";
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_new_login");
  EXPECT_EQ(VersionOf(world, account), version);
}

TEST(AccountTokens, ThatTheProviderDidNotSendStayAsTheyAre) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  ASSERT_TRUE(world
                  .Await(world.accounts().ApplyTokens(account, Secret("rt_acct"),
                                                      TokensOf(Jwt(world.clock.wall + 50h, "acct"), ""), std::nullopt))
                  .ok());
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_acct") << "it goes on being good";
}

TEST(AccountTokens, EndWhenTheirReplySaysWhereTheyDoNotSayThemselves) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  ASSERT_TRUE(world
                  .Await(world.accounts().ApplyTokens(account, Secret("rt_acct"), TokensOf("opaque", "rt_2"),
                                                      std::chrono::seconds(3600)))
                  .ok());
  EXPECT_EQ(world.accounts().TokenExpiry(account), world.clock.wall + 1h);
}

TEST(AccountTokens, OfAnAccountThatIsGoneAreToldSo) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  ASSERT_TRUE(world.Await(world.accounts().Remove(account)).ok());
  const auto applied =
      world.Await(world.accounts().ApplyTokens(account, Secret("rt_acct"), TokensOf("a", "b"), std::nullopt));
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.error().code, ErrorCode::kNotFound);
}

// Two writers of one account: each follows the version that the other has left.
TEST(AccountTokens, AreWrittenByOneAtATime) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  int done = 0;
  const auto count = [&done](Awaitable<Result<void>> write) -> Awaitable<void> {
    const Result<void> written = co_await std::move(write);
    EXPECT_TRUE(written.ok()) << written.error().message;
    ++done;
  };
  world.Spawn(count(world.accounts().TakeLogin(account, TokensOf(Jwt(world.clock.wall + 20h, "acct"), "rt_2"))));
  world.Spawn(count(world.accounts().TakeLogin(account, TokensOf(Jwt(world.clock.wall + 30h, "acct"), "rt_3"))));
  world.Until([&] { return done == 2; });
  EXPECT_TRUE(world.accounts().IsKept(account));
  const std::int64_t version = VersionOf(world, account);
  world.Crash();
  world.Start();
  EXPECT_EQ(world.RefreshTokenOf(account), "rt_3");
  EXPECT_EQ(VersionOf(world, account), version);
}

}  // namespace
}  // namespace patchbay::accounts
