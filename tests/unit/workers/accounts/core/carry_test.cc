// What the pool says reaches everybody whom it concerns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Carry, TellsPeopleOfAStateAndKeepsItOverACrash) {
  CoreWorld world;
  const AccountId account = world.MustAdd("acct");
  std::vector<Happened> told;
  world.core->OnEvent([&](const Happened& what) { told.push_back(what); });
  world.Carry(world.pool().RefreshRefused(account, "invalid_grant", world.Now()));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, events::v1::EVENT_KIND_NEEDS_LOGIN);
  EXPECT_EQ(told[0].account, account);
  EXPECT_EQ(told[0].provider, "codex");
  EXPECT_THAT(told[0].evidence, HasSubstr("invalid_grant"));
  world.Settle();
  world.Crash();
  world.Start();
  EXPECT_EQ(world.StateOf(account), AccountState::kExpired);
}

TEST(Carry, TakesWhatIsCausedMeanwhileBehindWhatCausedIt) {
  CoreWorld world;
  std::vector<std::string> order;
  world.core->OnEvent([&](const Happened& what) {
    order.push_back(what.part);
    if (what.part != "first") return;
    Happened next;
    next.kind = events::v1::EVENT_KIND_QUOTA_LOW;
    next.part = "caused";
    PoolEvents events;
    events.push_back(next);
    world.Carry(std::move(events));
    EXPECT_THAT(order, ElementsAre("first")) << "not in the middle of this";
  });
  PoolEvents events;
  for (const char* part : {"first", "second"}) {
    Happened what;
    what.kind = events::v1::EVENT_KIND_QUOTA_LOW;
    what.part = part;
    events.push_back(what);
  }
  world.Carry(std::move(events));
  EXPECT_THAT(order, ElementsAre("first", "second", "caused"));
  EXPECT_EQ(world.core->stats().quota_warnings_total, 3);
}

TEST(Carry, CountsWhatWasGrantedAndDenied) {
  CoreWorld world;
  world.Acquire("nobody");
  world.MustAdd("acct");
  world.Acquire("somebody");
  world.Settle();
  EXPECT_EQ(world.core->stats().granted_total, 1);
  EXPECT_EQ(world.core->stats().denied_total, 1);
  ASSERT_EQ(world.granted.size(), 1u);
  ASSERT_EQ(world.denied.size(), 1u);
}

TEST(Carry, SaysOfAnUnknownModelWhichNamesAreLikeIt) {
  CoreWorld world;
  world.MustAdd("acct");
  world.AcquireModel("r", "gtp-5.5");
  world.Pass(ModelBook::kFirstListWait);  // until then it may be on a list
  world.AdmitHeld();
  ASSERT_EQ(world.denied.size(), 1u);
  EXPECT_EQ(world.denied[0].code, DenyCode::kUnknownModel);
  EXPECT_THAT(world.denied[0].message, HasSubstr("gpt-5.5"));
}

}  // namespace
}  // namespace patchbay::accounts
