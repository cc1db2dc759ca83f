#include "workers/accounts/books/configured_keys.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ConfiguredKey KeyOf(const std::string& provider, const std::string& key) {
  return {provider, "${" + provider + "_" + key + "}", Secret(key)};
}

// "provider key" of each account that the configuration brought.
std::vector<std::string> Configured(CoreWorld& world) {
  std::vector<std::string> found;
  for (const StoredAccount* account : world.accounts().All()) {
    if (!account->configured_by.empty()) found.push_back(account->provider + " " + account->tokens.access.Reveal());
  }
  return found;
}

void Want(CoreWorld& world, std::vector<ConfiguredKey> keys) {
  world.core->Want(std::move(keys));
  world.Settle();
}

TEST(ConfiguredKeys, AreAccountsWhileTheConfigurationNamesThem) {
  CoreWorld world;
  Want(world, {KeyOf("openai", "sk-1"), KeyOf("openai", "sk-2"), KeyOf("groq", "gsk-1")});
  EXPECT_THAT(Configured(world), ElementsAre("openai sk-1", "openai sk-2", "groq gsk-1"));
  const AccountId kept = world.accounts().All()[1]->ref;
  ASSERT_NE(world.pool().Find(kept), nullptr);
  Want(world, {KeyOf("openai", "sk-2"), KeyOf("xai", "xai-1")});
  EXPECT_THAT(Configured(world), ElementsAre("openai sk-2", "xai xai-1"));
  EXPECT_EQ(world.accounts().All()[0]->ref, kept) << "with its state and its usage";
  Want(world, {});
  EXPECT_THAT(Configured(world), IsEmpty());
  EXPECT_EQ(world.pool().Find(kept), nullptr);
}

TEST(ConfiguredKeys, StayTheSameAccountsOverARestart) {
  CoreWorld world;
  Want(world, {KeyOf("openai", "sk-1")});
  const AccountId account = world.accounts().All()[0]->ref;
  world.Crash();
  world.Start();
  Want(world, {KeyOf("openai", "sk-1")});
  ASSERT_EQ(world.accounts().All().size(), 1u);
  EXPECT_EQ(world.accounts().All()[0]->ref, account);
  EXPECT_EQ(world.accounts().All()[0]->configured_by, "${openai_sk-1}");
}

TEST(ConfiguredKeys, LeaveAloneWhatSomebodyAdded) {
  CoreWorld world;
  NewAccount by_hand;
  by_hand.provider = "openai";
  by_hand.tokens.access = Secret("sk-1");
  std::vector<NewAccount> accounts;
  accounts.push_back(by_hand);
  ASSERT_TRUE(world.Await(world.accounts().Add(std::move(accounts))).front().ok());
  Want(world, {KeyOf("openai", "sk-1")});
  EXPECT_THAT(Configured(world), IsEmpty());
  Want(world, {});
  EXPECT_EQ(world.accounts().All().size(), 1u);
}

TEST(ConfiguredKeys, AreWaitedForByWhatFrontendsAsk) {
  CoreWorld world;
  world.core->Want({KeyOf("openai", "sk-1")});
  CallWish wish = CoreWorld::Wish("r1");
  wish.model = "openai/gpt-5.5";
  world.core->Acquire(wish);
  EXPECT_THAT(world.denied, IsEmpty());
  world.Settle();
  world.models().Tick();
  world.Settle();
  ASSERT_EQ(world.granted.size(), 1u);
  EXPECT_EQ(world.granted[0].provider, "openai");
  EXPECT_EQ(world.granted[0].terms->dialect, "openai_responses");
}

TEST(ConfiguredKeys, CannotBeRemovedByHand) {
  CoreWorld world;
  Want(world, {KeyOf("openai", "sk-1")});
  const AccountId account = world.accounts().All()[0]->ref;
  const auto removed = world.Await(world.core->administration().RemoveAccount(account, /*revoke=*/true));
  ASSERT_FALSE(removed.ok());
  EXPECT_TRUE(world.fetcher->endpoints.empty()) << "nobody was told to forget it";
  EXPECT_EQ(
      removed.error().message,
      "the configuration names its key (providers.openai.keys: ${openai_sk-1}); take it out there, or disable the "
      "account");
}

}  // namespace
}  // namespace patchbay::accounts
