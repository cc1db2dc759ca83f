// The order in which Core carries what the pool says: answers to frontends, marks to the store, slots to who waits.
#include <gmock/gmock.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;

FailureFacts Answered(int status, const std::string& code) {
  FailureFacts failure;
  failure.stage = Stage::kStatus;
  failure.http_status = status;
  failure.code = code;
  failure.body = Body::kJson;
  return failure;
}

TEST(Core, AnswersAnAcquireInTheSameStep) {
  CoreWorld world;
  world.MustAdd("a");
  world.Acquire("r1");
  EXPECT_THAT(world.told, ElementsAre("granted r1"));
}

TEST(Core, GivesTheSlotOfASettledCallToWhoWaitsInTheSameStep) {
  CoreWorld world;
  world.MustAdd("a");
  world.Slots(1);
  world.Acquire("r1");
  world.Acquire("r2");
  EXPECT_THAT(world.told, ElementsAre("granted r1"));
  world.SettleCall(world.granted[0]);
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r2")) << "the slot does not wait for the disk";
  const std::string lease = world.granted[0].lease.str();
  EXPECT_EQ(world.Rows().size(), 1u);
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r2", "settled " + lease)) << "told once it is durable";
}

TEST(Core, MarksTheAccountBeforeItGrantsAnother) {
  CoreWorld world;
  const AccountId a = world.MustAdd("a");
  const AccountId b = world.MustAdd("b");
  world.Acquire("r1");
  const AccountId first = world.granted[0].account;
  world.Retry(world.granted[0], Answered(403, "account_deactivated"));
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r1"));
  EXPECT_EQ(world.granted[1].account, first == a ? b : a);
  EXPECT_EQ(world.StateOf(first), State::kBanned);
  world.Settle();
  world.Crash();
  world.Start();
  EXPECT_EQ(world.StateOf(first), State::kBanned) << "the mark was kept";
}

TEST(Core, GivesTheSameLeaseToAnAcquireThatIsAskedAgain) {
  CoreWorld world;
  world.MustAdd("a");
  world.Acquire("r1");
  world.Redeclare(2);
  world.Acquire("r1", 2);
  ASSERT_THAT(world.told, ElementsAre("granted r1", "granted r1"));
  EXPECT_EQ(world.granted[0].lease, world.granted[1].lease);
}

TEST(Core, WritesALapsedLeaseDownAndGivesItsSlotAway) {
  CoreWorld world;
  world.MustAdd("a");
  world.Slots(1);
  world.Acquire("r1");
  world.Gone();
  world.Redeclare(1, "other");
  world.Acquire("r2", 1, "other");
  world.Pass(29s);
  EXPECT_THAT(world.told, ElementsAre("granted r1")) << "within the grace nothing lapses";
  world.Pass(2s);
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r2"));
  const std::vector<UsageRecord> rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].lease, world.granted[0].lease);
  EXPECT_EQ(rows[0].outcome, kOutcomeLost);
}

TEST(Core, KeepsTheLeaseThatIsDeclaredAgainWithinTheGrace) {
  CoreWorld world;
  world.MustAdd("a");
  world.Acquire("r1");
  const Granted granted = world.granted[0];
  world.Gone();
  world.Pass(20s);
  world.Redeclare(2, "f", {{granted.lease, granted.request, granted.account, {}, "gpt-5.5", "codex", "gpt-5.5"}});
  world.Pass(60s);
  EXPECT_THAT(world.told, ElementsAre("granted r1"));
}

TEST(Core, CountsWhatItGrantsAndDenies) {
  CoreWorld world;
  world.Acquire("r1");
  EXPECT_THAT(world.told, ElementsAre("denied r1 no_account"));
  world.MustAdd("a");
  world.Acquire("r2");
  EXPECT_EQ(world.core->stats().granted_total, 1);
  EXPECT_EQ(world.core->stats().denied_total, 1);
}

}  // namespace
}  // namespace patchbay::accounts
