#include "workers/accounts/books/configured_users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "lib/base/sha256.h"
#include "tests/unit/workers/accounts/core/core_world.h"
#include "tests/unit/workers/accounts/store/counting_store.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ConfiguredUser User(const std::string& name, const std::string& token, int concurrency = 0) {
  ConfiguredUser user;
  user.name = name;
  user.sha256 = Sha256(token);
  user.hint = token.substr(token.size() - 4);
  user.terms.set_concurrency(concurrency);
  return user;
}

struct UsersWorld : CoreWorld {
  explicit UsersWorld(WorldParts other = {}) : CoreWorld(std::move(other)) {}
  void Want(std::vector<ConfiguredUser> users) {
    core->Want(std::move(users));
    Settle();
  }
  std::vector<StoredClientKey> Keys() { return keys().List(/*include_revoked=*/false); }
};

TEST(ConfiguredUsers, AreKeysOfWhichOnlyTheConfigurationHasTheSecret) {
  UsersWorld world;
  world.Want({User("ci", "token-of-the-ci-user", 3)});
  ASSERT_THAT(world.Keys(), SizeIs(1));
  const StoredClientKey key = world.Keys().front();
  EXPECT_TRUE(key.configured);
  EXPECT_EQ(key.terms.concurrency(), 3);
  EXPECT_THAT(world.keys().SecretsOf(key), ElementsAre(KeySecret{Sha256("token-of-the-ci-user"), std::nullopt}));
  world.Crash();
  world.Start();
  ASSERT_THAT(world.Keys(), SizeIs(1));
  EXPECT_THAT(world.keys().SecretsOf(world.Keys().front()), IsEmpty()) << "the store has none";
  world.Want({User("ci", "token-of-the-ci-user", 3)});
  EXPECT_EQ(world.Keys().front().id, key.id);
  EXPECT_THAT(world.keys().SecretsOf(world.Keys().front()), SizeIs(1));
}

TEST(ConfiguredUsers, ChangeAndGoWithTheirRowsAndComeBackAsTheSameKey) {
  UsersWorld world;
  world.Want({User("ci", "token-of-the-ci-user")});
  const ClientKeyId id = world.Keys().front().id;
  world.Want({User("ci", "another-token-of-ci", 5)});
  EXPECT_EQ(world.Keys().front().id, id);
  EXPECT_EQ(world.Keys().front().terms.concurrency(), 5);
  EXPECT_THAT(world.keys().SecretsOf(world.Keys().front()),
              ElementsAre(KeySecret{Sha256("another-token-of-ci"), std::nullopt}));
  world.Want({});
  EXPECT_THAT(world.Keys(), IsEmpty());
  EXPECT_FALSE(world.keys().IsValid(id));
  world.Want({User("ci", "token-of-the-ci-user")});
  ASSERT_THAT(world.Keys(), SizeIs(1));
  EXPECT_EQ(world.Keys().front().id, id) << "with it comes what it has used";
}

TEST(ConfiguredUsers, MayGiveTheirTokensToOneAnother) {
  UsersWorld world;
  world.Want({User("ann", "token-number-one-of-two"), User("bob", "token-number-two-of-two")});
  world.Want({User("ann", "token-number-two-of-two"), User("bob", "token-number-one-of-two")});
  for (const StoredClientKey& key : world.Keys()) {
    EXPECT_EQ(key.secrets.front().sha256,
              Sha256(key.name == "ann" ? "token-number-two-of-two" : "token-number-one-of-two"));
  }
}

// A world whose disk takes nothing while `full`.
struct FullDisk {
  std::atomic<int> commits{0};
  std::atomic<bool> full{false};
  WorldParts Parts() {
    WorldParts parts;
    parts.around_store = [this](std::unique_ptr<Store> store) {
      return std::make_unique<CountingStore>(std::move(store), commits, full);
    };
    return parts;
  }
};

TEST(ConfiguredUsers, EndTheOldTokenAndAreTriedAgainUntilTheDiskTakesThem) {
  FullDisk disk;
  UsersWorld world(disk.Parts());
  world.Want({User("ci", "token-of-the-ci-user"), User("web", "token-of-the-web-user")});
  const auto watcher = std::make_shared<UpdateHub::Watcher>(world.io->get_executor());
  world.keys().changes().Subscribe(watcher);
  disk.full = true;
  world.Want({User("ci", "another-token-of-ci", 5)});
  for (const StoredClientKey& key : world.Keys()) {
    EXPECT_THAT(world.keys().SecretsOf(key), IsEmpty()) << "neither what was changed nor what was taken out";
  }
  std::string told;
  EXPECT_TRUE(watcher->Next(told));
  EXPECT_TRUE(watcher->Next(told));
  for (int second = 0; second < 100; ++second) {
    world.Pass(1s);
    world.Settle();
  }
  disk.full = false;
  world.Pass(ConfiguredUsers::kLastRetry);
  world.Settle();
  ASSERT_THAT(world.Keys(), SizeIs(1));
  EXPECT_EQ(world.Keys().front().terms.concurrency(), 5);
  EXPECT_THAT(world.keys().SecretsOf(world.Keys().front()),
              ElementsAre(KeySecret{Sha256("another-token-of-ci"), std::nullopt}));
  const int commits = disk.commits;
  world.Pass(ConfiguredUsers::kLastRetry);
  world.Settle();
  EXPECT_EQ(disk.commits, commits) << "there is nothing left to try";
}

TEST(ConfiguredUsers, HoldNoRequestBackWhileTheDiskTakesNothing) {
  FullDisk disk;
  UsersWorld world(disk.Parts());
  world.MustAdd("a");
  disk.full = true;
  world.Want({User("ci", "token-of-the-ci-user")});
  world.Acquire("r1");
  EXPECT_THAT(world.granted, SizeIs(1));
}

TEST(ConfiguredUsers, TakeNoNameOrSecretOfAnotherKeyAndAreNotChangedByHand) {
  UsersWorld world;
  KeyWish wish;
  wish.name = "ci";
  const auto made = world.Await(world.keys().Create(wish));
  ASSERT_TRUE(made.ok());
  world.Want({User("ci", "token-of-the-ci-user"), User("web", "token-of-the-web-user"),
              User("same", std::string(made->secret.Reveal()))});
  ASSERT_THAT(world.Keys(), SizeIs(2));
  EXPECT_EQ(world.Await(world.keys().Revoke("web")).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(world.Await(world.keys().Rotate("web", std::chrono::milliseconds(0))).error().code,
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(world.Await(world.keys().Update("web", KeyEdit())).error().code, ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace patchbay::accounts
