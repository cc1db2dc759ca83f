#include "workers/accounts/service/events.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"

namespace patchbay::accounts {
namespace {

// What core tells, as the contract has it.
struct EventsTest : ::testing::Test {
  EventsTest() {
    world.core->OnEvent(
        [this](const Happened& what) { told.push_back(ToEvent(what, *world.core, world.clock.Now())); });
  }
  CoreWorld world;
  std::vector<events::v1::Event> told;
};

TEST_F(EventsTest, AnAccountThatItsProviderShutIsToldWithLabelAndEvidence) {
  const AccountId a = world.MustAdd("one");
  world.Carry(world.pool().UsageChecked(a, {403, Cause::kDeactivated, "account_deactivated", {}, false}, world.Now()));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind(), events::v1::EVENT_KIND_BANNED);
  EXPECT_EQ(told[0].account(), a.str());
  EXPECT_EQ(told[0].account_label(), world.accounts().Find(a)->label);
  EXPECT_EQ(told[0].provider(), world.accounts().Find(a)->provider);
  EXPECT_EQ(told[0].evidence(), "the usage endpoint answered 403 account_deactivated");
  EXPECT_EQ(told[0].at().seconds(), 1'790'000'000);
  world.Carry(world.pool().ClearMarks(a, world.Now()));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1].kind(), events::v1::EVENT_KIND_RECOVERED);
}

TEST_F(EventsTest, WhateverPartOfCoreCarriesOneItIsTold) {
  PoolEvents events;
  Happened what;
  what.kind = events::v1::EVENT_KIND_BUDGET_LOW;
  what.client_key = ClientKeyId("key_1");
  what.part = "daily budget";
  what.threshold = 80;
  events.push_back(what);
  world.Carry(std::move(events));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].client_key(), "key_1");
  EXPECT_EQ(told[0].part(), "daily budget");
  EXPECT_EQ(told[0].threshold(), 80);
  EXPECT_TRUE(told[0].account().empty());
}

}  // namespace
}  // namespace patchbay::accounts
