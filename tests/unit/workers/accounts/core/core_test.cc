// The order in which Core carries what the pool says: answers to frontends, marks to the store, slots to who waits.
#include <gmock/gmock.h>

#include <map>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;

FailureFacts Answered(int status, Cause cause) {
  FailureFacts failure;
  failure.stage = Stage::kStatus;
  failure.http_status = status;
  failure.cause = cause;
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
  world.Retry(world.granted[0], Answered(403, Cause::kDeactivated));
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r1"));
  EXPECT_EQ(world.granted[1].account, first == a ? b : a);
  EXPECT_EQ(world.StateOf(first), AccountState::kBanned);
  world.Settle();
  world.Crash();
  world.Start();
  EXPECT_EQ(world.StateOf(first), AccountState::kBanned) << "the mark was kept";
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

// A full pool of one slot; "f" has it, and "other" waits for it.
struct FullWorld : CoreWorld {
  explicit FullWorld(const std::string& holder = "frontend#1") {
    MustAdd("a");
    Slots(1);
    Redeclare(1, holder);
    Acquire("r1", 1, holder);
    Redeclare(1, "frontend#2");
    Acquire("r2", 1, "frontend#2");
    EXPECT_THAT(told, ElementsAre("granted r1"));
  }
};

TEST(Core, GivesTheSlotsOfAFrontendThatEndedAwayAtOnceAndWritesItsCallsDown) {
  FullWorld world;
  EXPECT_THAT(world.core->EndDead({{"frontend", 2, {2}}}), ElementsAre(FrontendId("frontend#1")));
  EXPECT_THAT(world.told, ElementsAre("granted r1", "granted r2"));
  const std::vector<UsageRecord> rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].request, RequestId("r1"));
  EXPECT_EQ(rows[0].outcome, kOutcomeLost);
  EXPECT_EQ(rows[0].model, "gpt-5.5");
  EXPECT_EQ(rows[0].provider, "codex");
  EXPECT_EQ(rows[0].wire_model, "gpt-5.5");
}

TEST(Core, KeepsTheGraceForAFrontendThatLivesWithoutAConnection) {
  FullWorld world;
  world.core->Gone(FrontendId("frontend#1"), 1);
  EXPECT_TRUE(world.core->EndDead({{"frontend", 2, {1, 2}}}).empty());
  world.Pass(25s);
  EXPECT_THAT(world.told, ElementsAre("granted r1"));
}

TEST(Core, ForgetsWhatAFrontendThatEndedWaitedFor) {
  FullWorld world;
  world.core->EndDead({{"frontend", 2, {1}}});
  world.SettleCall(world.granted[0]);
  EXPECT_THAT(world.told, ElementsAre("granted r1"));
  EXPECT_EQ(world.core->stats().leases_open, 0u);
}

TEST(Core, DrainsWithARowForEachCallThatIsUnderWayAndItsSettlementCorrectsIt) {
  CoreWorld world;
  world.MustAdd("a");
  world.Acquire("r1");
  const Granted granted = world.granted[0];
  world.Await(world.Drained());
  world.Crash();
  world.Start();
  std::vector<UsageRecord> rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].outcome, kOutcomeLost);
  world.Redeclare(2, "f", {{granted.lease, granted.request, granted.account, {}, "gpt-5.5", "codex", "gpt-5.5"}});
  world.SettleCall(granted);
  rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u) << "one call, one row";
  EXPECT_EQ(rows[0].outcome, 1);
}

TEST(Core, LosesNoRowOfALongCallWhenItDiesTogetherWithTheFrontend) {
  CoreWorld world;
  world.MustAdd("a");
  world.Redeclare(1, "frontend#1");
  world.Acquire("short", 1, "frontend#1");
  world.SettleCall(world.granted[0]);
  world.Acquire("long", 1, "frontend#1");
  world.Chores();
  EXPECT_TRUE(world.Kept().empty()) << "a call that has just begun never touches the disk";
  world.clock.Pass(6s);
  world.Chores();
  ASSERT_EQ(world.Kept().size(), 1u);
  world.Crash();
  world.Start();
  EXPECT_EQ(world.core->stats().leases_open, 1u) << "its frontend may live";
  world.core->EndDead({{"frontend", 2, {2}}});
  bool found = false;
  for (const UsageRecord& row : world.Rows()) {
    if (row.request == RequestId("long")) found = row.outcome == kOutcomeLost && row.model == "gpt-5.5";
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(world.core->stats().leases_open, 0u);
  world.Chores();
  EXPECT_TRUE(world.Kept().empty()) << "what has ended is not kept";
}

TEST(Core, TakesNoLeaseOverFromAnotherLifeOfTheSupervisor) {
  CoreWorld world;
  world.MustAdd("a");
  world.Redeclare(1, "frontend#1");
  world.Acquire("long", 1, "frontend#1");
  world.clock.Pass(6s);
  world.Chores();
  world.Crash();
  world.run = "second";
  world.Start();
  EXPECT_EQ(world.core->stats().leases_open, 0u) << "this frontend#1 is another one";
  const std::vector<UsageRecord> rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].outcome, kOutcomeLost);
  world.Chores();
  EXPECT_TRUE(world.Kept().empty());
}

TEST(Core, KeepsALongLeaseUntilTheRowOfItsCallIsOnDisk) {
  CoreWorld world;
  world.MustAdd("a");
  world.Redeclare(1, "frontend#1");
  world.Acquire("r1", 1, "frontend#1");
  world.clock.Pass(6s);
  world.Chores();
  world.core->EndDead({{"frontend", 2, {2}}});
  world.ChoresWithRowsWaiting();
  world.Crash();
  world.Start();
  world.core->EndDead({{"frontend", 2, {2}}});
  EXPECT_EQ(world.Rows().size(), 1u);
}

TEST(Core, FillsInWhatASettlementDoesNotTell) {
  CoreWorld world;
  world.MustAdd("a");
  world.Acquire("r1");
  world.SettleCall(world.granted[0], 3);
  const std::vector<UsageRecord> rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].model, "gpt-5.5");
  EXPECT_EQ(rows[0].started_at, world.clock.wall);
}

TEST(Core, TakesALongLeaseBackFromItsFrontendAfterACrash) {
  CoreWorld world;
  world.MustAdd("a");
  world.Acquire("r1");
  const Granted granted = world.granted[0];
  world.clock.Pass(6s);
  world.Chores();
  world.Crash();
  world.Start();
  world.Redeclare(2, "f", {{granted.lease, granted.request, granted.account, {}, "gpt-5.5", "codex", "gpt-5.5"}});
  world.Pass(60s);
  EXPECT_EQ(world.core->stats().leases_open, 1u) << "no grace runs for what was declared";
  world.SettleCall(granted);
  const std::vector<UsageRecord> rows = world.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].outcome, 1);
}

TEST(Core, FindsTheAccountOfAConversationAgainAfterACrash) {
  CoreWorld world;
  for (const char* name : {"a", "b", "c"}) world.MustAdd(name);
  const auto call = [&](const std::string& request, const std::string& conversation) {
    CallWish wish = CoreWorld::Wish(request);
    wish.affinity_key = conversation;
    world.core->Acquire(wish);
    EXPECT_EQ(world.granted.back().request, RequestId(request));
    const Granted granted = world.granted.back();
    world.SettleCall(granted);
    return granted;
  };
  std::map<std::string, AccountId> owners;
  for (const char* conversation : {"x", "y", "z"}) owners[conversation] = call(conversation, conversation).account;
  world.Chores();
  world.Crash();
  world.Start();
  world.Settle();
  for (const char* conversation : {"z", "y", "x", "z"}) {
    const Granted granted = call(std::string("again ") + conversation, conversation);
    EXPECT_EQ(granted.account, owners[conversation]);
    EXPECT_EQ(granted.reason, "affinity");
  }
}

TEST(Core, CountsWhatItGrantsAndDenies) {
  CoreWorld world;
  world.Acquire("r1");
  EXPECT_THAT(world.told, ElementsAre("denied r1 no_account"));
  world.MustAdd("a");
  world.Acquire("r2");
  EXPECT_EQ(world.core->stats().granted_total, 1);
  EXPECT_EQ(world.core->stats().denied_total, 1);
  CallWish wish = CoreWorld::Wish("r3");
  wish.model = "llama-9";
  world.core->Acquire(wish);
  EXPECT_THAT(world.told, ElementsAre("denied r1 no_account", "granted r2", "denied r3 unknown_model"));
  EXPECT_EQ(world.core->stats().denied_total, 2) << "what admission refuses is counted like what the pool does";
}

}  // namespace
}  // namespace patchbay::accounts
