#include "workers/accounts/pool/standing.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "EVENT_KIND_RECOVERED codex", of what the world has said since.
std::vector<std::string> Told(World& world) {
  std::vector<std::string> told;
  for (const PoolEvent& event : world.said) {
    if (const auto* what = std::get_if<Happened>(&event)) {
      told.push_back(events::v1::EventKind_Name(what->kind) + " " + what->provider);
    }
  }
  world.said.clear();
  return told;
}

void Mark(World& world, const AccountId& account, AccountState state, WallTime until) {
  world.pool.Restore(account, {state, "429", world.now.wall, until, {}}, {}, world.now);
}

TEST(Standing, AProviderWhoseAccountsAllWaitIsToldOnceWithTheEarliestEnd) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b");
  world.Pass(0ms);
  EXPECT_THAT(Told(world), IsEmpty());
  Mark(world, a, AccountState::kExhausted, world.now.wall + 2h);
  world.Pass(0ms);
  EXPECT_THAT(Told(world), IsEmpty()) << "the other one serves";
  Mark(world, b, AccountState::kExhausted, world.now.wall + 1h);
  world.said.clear();
  world.Pass(0ms);
  ASSERT_EQ(world.said.size(), 1u);
  const Happened what = std::get<Happened>(world.said.front());
  EXPECT_EQ(what.kind, events::v1::EVENT_KIND_ALL_EXHAUSTED);
  EXPECT_EQ(what.until, world.now.wall + 1h);
  Told(world);
  world.Pass(0ms);
  EXPECT_THAT(Told(world), IsEmpty()) << "once";
  world.Pass(61min);
  EXPECT_THAT(Told(world), ElementsAre("EVENT_KIND_RECOVERED codex"));
}

TEST(Standing, AProviderWhoseAccountsAllNeedAPersonIsTold) {
  World world;
  const AccountId a = world.Add("a"), b = world.Add("b");
  world.Pass(0ms);
  Mark(world, a, AccountState::kBanned, world.now.wall + 1h);
  Mark(world, b, AccountState::kExpired, world.now.wall + 1h);
  world.Pass(0ms);
  EXPECT_THAT(Told(world), ElementsAre("EVENT_KIND_NONE_USABLE codex"));
  world.Take(world.pool.ClearMarks(a, world.now));
  world.Pass(0ms);
  EXPECT_THAT(Told(world), ElementsAre("EVENT_KIND_RECOVERED codex"));
}

TEST(Standing, WhatUndoesItselfBetweenTwoTicksIsNotTold) {
  World world;
  const AccountId a = world.Add("a");
  world.Pass(0ms);
  Mark(world, a, AccountState::kExhausted, world.now.wall + 1h);
  world.Take(world.pool.ClearMarks(a, world.now));
  world.Pass(0ms);
  EXPECT_THAT(Told(world), IsEmpty());
}

TEST(Standing, AProviderThatWasExhaustedBeforeARestartIsNotTold) {
  World world;
  const AccountId a = world.Add("a");
  Mark(world, a, AccountState::kExhausted, world.now.wall + 1h);
  world.Pass(0ms);
  EXPECT_THAT(Told(world), IsEmpty());
}

TEST(Standing, ProvidersAreCountedApartAndDisabledAccountsNotAtAll) {
  Standings standings;
  PoolAccount one, two;
  one.facts.id = AccountId("one");
  one.facts.provider = "p";
  two.facts.id = AccountId("two");
  two.facts.provider = "q";
  EXPECT_THAT(standings.TakeChanges(), IsEmpty());
  standings.Count(one);
  standings.Count(two);
  one.mark.state = AccountState::kExhausted;
  standings.Count(one);
  EXPECT_THAT(standings.TakeChanges(), ElementsAre(std::pair("p", Standings::Standing::kExhausted)));
  one.facts.enabled = false;
  standings.Count(one);
  EXPECT_THAT(standings.TakeChanges(), IsEmpty()) << "an operator who disables the last one knows";
  standings.Remove(two.facts.id);
  standings.Remove(two.facts.id);
  EXPECT_THAT(standings.TakeChanges(), IsEmpty());
}

TEST(Standing, NamesTheChangesOfAnAccountThatPeopleWantToKnow) {
  using State = AccountState;
  EXPECT_EQ(KindOf(State::kActive, State::kExpired), events::v1::EVENT_KIND_NEEDS_LOGIN);
  EXPECT_EQ(KindOf(State::kExhausted, State::kBanned), events::v1::EVENT_KIND_BANNED);
  EXPECT_EQ(KindOf(State::kThrottled, State::kExhausted), events::v1::EVENT_KIND_EXHAUSTED);
  EXPECT_EQ(KindOf(State::kExhausted, State::kExhausted), std::nullopt);
  EXPECT_EQ(KindOf(State::kBanned, State::kActive), events::v1::EVENT_KIND_RECOVERED);
  EXPECT_EQ(KindOf(State::kThrottled, State::kActive), std::nullopt);
  EXPECT_EQ(KindOf(State::kActive, State::kThrottled), std::nullopt);
}

}  // namespace
}  // namespace patchbay::accounts
