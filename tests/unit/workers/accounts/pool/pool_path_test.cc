// Overload by its spread, ways that are closed, and who stands in meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const FailureFacts kOverloaded = Status(503, Cause::kOverloaded);

class PoolPath : public ::testing::Test {
 protected:
  void AddAccounts(int count) {
    for (int i = 0; i < count; ++i) accounts_.push_back(world_.Add("a" + std::to_string(i)));
  }
  std::string NextName() { return "r" + std::to_string(next_++); }
  // One call that every account but `refusing` serves. Whose account served it in the end.
  AccountId Call(const std::set<AccountId>& refusing, const std::string& conversation = "") {
    world_.Acquire(NextName(), "k", conversation);
    for (;;) {
      const auto granted = world_.One<Granted>();
      if (!granted) return AccountId();
      if (!refusing.contains(granted->account)) {
        world_.Settle(*granted);
        return granted->account;
      }
      world_.Retry(*granted, kOverloaded);
    }
  }
  int Held() const {
    int held = 0;
    for (const AccountId& account : accounts_) held += world_.pool.Find(account)->overload.holds(world_.now.steady);
    return held;
  }
  bool Holds(const AccountId& account) const { return world_.pool.Find(account)->overload.holds(world_.now.steady); }
  // Calls until `account` is held for refusing where the others serve.
  void Trip(const AccountId& account) {
    for (int i = 0; i < 100 && !Holds(account); ++i) Call({account});
    ASSERT_TRUE(Holds(account));
  }

  World world_;
  std::vector<AccountId> accounts_;
  int next_ = 0;
};

TEST_F(PoolPath, AFewAccountsThatRefuseAreTheLastChoiceForNewWork) {
  AddAccounts(4);
  Trip(accounts_[1]);
  EXPECT_EQ(Held(), 1);
  const auto held = world_.One<OverloadHeld>();
  ASSERT_TRUE(held);
  EXPECT_EQ(held->account, accounts_[1]);
  EXPECT_EQ(held->until, world_.now.wall + 60s);
  for (int i = 0; i < 20; ++i) EXPECT_NE(Call({}), accounts_[1]);
  EXPECT_EQ(world_.StateOf(accounts_[1]), AccountState::kActive) << "it is no state of the account";
  EXPECT_TRUE(world_.pool.PausedWays(world_.now).empty());
}

TEST_F(PoolPath, AnAccountThatIsHeldServesWhereNobodyElseCan) {
  AddAccounts(2);
  Trip(accounts_[0]);
  AccountFacts facts = world_.pool.Find(accounts_[1])->facts;
  facts.enabled = false;
  world_.Take(world_.pool.Put(facts, world_.now));
  EXPECT_EQ(Call({}), accounts_[0]);
}

TEST_F(PoolPath, ASuccessDoesNotEndAHoldAndTimeDoes) {
  AddAccounts(4);
  world_.Settle(world_.MustGrant("first", "k", "warm"));
  const AccountId home = world_.Explain("warm").chosen;
  Trip(home);
  EXPECT_EQ(Call({}, "warm"), home) << "a conversation that lives there goes on";
  EXPECT_TRUE(Holds(home));
  world_.Pass(60s);
  EXPECT_FALSE(Holds(home));
  Trip(home);
  EXPECT_EQ(world_.pool.Find(home)->overload.until() - world_.now.steady, 120s) << "longer each time";
}

TEST_F(PoolPath, MostAccountsThatRefuseAreTheProvidersTrouble) {
  AddAccounts(4);
  const std::set<AccountId> all(accounts_.begin(), accounts_.end());
  for (int i = 0; i < 12; ++i) Call(all, "c" + std::to_string(i));
  world_.All<Denied>();
  EXPECT_EQ(Held(), 0);
  for (const AccountId& account : accounts_) EXPECT_EQ(world_.StateOf(account), AccountState::kActive);
  const auto paused = world_.pool.PausedWays(world_.now);
  ASSERT_THAT(paused, SizeIs(1));
  EXPECT_EQ(paused[0].wire_model, "gpt-5.5");
  EXPECT_EQ(paused[0].evidence, "503 overloaded");
  EXPECT_EQ(paused[0].client_keys, 1u);
  world_.Acquire("other model", "k", "x", std::nullopt, "gpt-6-luna");
  EXPECT_TRUE(world_.One<Granted>()) << "it is about this model";
  const auto explained = world_.Explain().accounts;
  EXPECT_FALSE(explained[0].eligible);
  EXPECT_THAT(explained[0].reason, HasSubstr("503 overloaded"));
  EXPECT_TRUE(explained[0].until);
}

TEST_F(PoolPath, OverloadThatSpreadsIsForgivenThoseThatItMetFirst) {
  AddAccounts(4);
  Trip(accounts_[2]);
  Call({accounts_.begin(), accounts_.end()});
  EXPECT_EQ(Held(), 0);
}

TEST_F(PoolPath, AStrayRefusalOfABusyAccountHoldsNobody) {
  AddAccounts(2);
  for (int i = 0; i < 200; ++i) {
    Call(i % 50 == 49 ? std::set<AccountId>{accounts_[0]} : std::set<AccountId>{});
    world_.Pass(200ms);
  }
  EXPECT_EQ(Held(), 0);
}

TEST_F(PoolPath, HoldsNeverMoreThanHalfOfTheAccounts) {
  for (const int count : {1, 2, 3, 5}) {
    SCOPED_TRACE(count);
    World world;
    std::vector<AccountId> accounts;
    for (int i = 0; i < count; ++i) accounts.push_back(world.Add("a" + std::to_string(i)));
    std::mt19937 random(7);
    int most = 0;
    for (int i = 0; i < 400; ++i) {
      world.Acquire("r" + std::to_string(i), "k", "c" + std::to_string(i), 1ms);
      while (const auto granted = world.One<Granted>()) {
        // One after another refuses nearly all of its calls.
        const auto refusing = static_cast<std::size_t>(i / 50 % count);
        if (granted->account == accounts[refusing] && random() % 10 != 0) {
          world.Retry(*granted, kOverloaded);
        } else {
          world.Settle(*granted);
        }
      }
      int held = 0;
      for (const AccountId& account : accounts) held += world.pool.Find(account)->overload.holds(world.now.steady);
      EXPECT_LE(held * 2, count);
      most = std::max(most, held);
      world.Pass(500ms);
    }
    EXPECT_EQ(most > 0, count > 1) << "the cap is what is tested";
  }
}

TEST_F(PoolPath, ASubstituteServesOneRequestAndTheConversationStaysAtHome) {
  AddAccounts(4);
  world_.Settle(world_.MustGrant("first", "k", "thread"));
  const AccountId home = world_.Explain("thread").chosen;
  std::set<AccountId> substitutes;
  for (int i = 0; i < 6; ++i) {
    substitutes.insert(Call({home}, "thread"));
    EXPECT_EQ(world_.Explain("thread").chosen, home);
    Call({});  // others move the turn on
  }
  EXPECT_THAT(substitutes, SizeIs(1)) << "always the same one, for its caches";
  EXPECT_TRUE(world_.All<AffinityMoved>().empty());
  EXPECT_EQ(Call({}, "thread"), home);
}

TEST_F(PoolPath, AThirdHoldKeepsEvenItsConversationsOffTheAccountForThatTime) {
  AddAccounts(4);
  world_.Settle(world_.MustGrant("first", "k", "thread"));
  const AccountId home = world_.Explain("thread").chosen;
  for (const auto length : {60s, 120s}) {
    Trip(home);
    world_.Pass(length);
  }
  Trip(home);
  const AccountId substitute = Call({}, "thread");
  EXPECT_NE(substitute, home);
  EXPECT_EQ(Call({}, "thread"), substitute);
  world_.Pass(240s);
  EXPECT_EQ(Call({}, "thread"), home);
}

TEST_F(PoolPath, IsClosedByNoClientThatRepeatsWhatTheProviderChokesOn) {
  AddAccounts(3);
  world_.Settle(world_.MustGrant("healthy before", "other"));
  for (int i = 0; i < 50; ++i) {
    world_.Acquire(NextName(), "poisoner", i % 2 == 0 ? "poison" : "c" + std::to_string(i));
    while (const auto granted = world_.One<Granted>()) world_.Retry(*granted, Status(500));
    EXPECT_TRUE(world_.One<Denied>());
  }
  EXPECT_TRUE(world_.pool.PausedWays(world_.now).empty());
  world_.MustGrant("healthy", "other");
}

TEST_F(PoolPath, IsClosedWhenTheConversationsOfSeveralKeysFailInARow) {
  AddAccounts(3);
  for (int i = 0; i < 5; ++i) {
    world_.Acquire(NextName(), "k" + std::to_string(i % 2), "c" + std::to_string(i));
    while (const auto granted = world_.One<Granted>()) world_.Retry(*granted, Stopped(Stage::kSend));
  }
  const auto paused = world_.pool.PausedWays(world_.now);
  ASSERT_THAT(paused, SizeIs(1));
  EXPECT_EQ(paused[0].wire_model, "") << "whatever the model";
  EXPECT_EQ(paused[0].conversations, 5u);
  EXPECT_EQ(paused[0].client_keys, 2u);
  EXPECT_EQ(paused[0].next_try_at, world_.now.wall + Breaker::kFirstPause);
}

TEST_F(PoolPath, RemembersABoundedNumberOfThem) {
  AddAccounts(1);
  for (int i = 0; i < 1000; ++i) {
    world_.Acquire(NextName(), "k", "c", std::nullopt, "gpt-x" + std::to_string(i));
    world_.Retry(*world_.One<Granted>(), kOverloaded);
    world_.All<Denied>();
  }
  world_.MustGrant("last");
}

}  // namespace
}  // namespace patchbay::accounts
