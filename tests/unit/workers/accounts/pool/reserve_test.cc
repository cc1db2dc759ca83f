#include "workers/accounts/pool/reserve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

constexpr auto kWeek = std::chrono::hours(168);

Reserve AReserve() { return {10, kWeek, {"ci"}, {}, {}}; }

PoolSettings With(std::vector<Reserve> reserves) {
  PoolSettings settings = DefaultSettings();
  settings.reserves = std::move(reserves);
  return settings;
}

void Report(World& world, const AccountId& account, double used_percent, std::chrono::milliseconds resets_in = 30h) {
  UsageAnswer answer;
  answer.http_status = 200;
  answer.quota.windows = {{"primary", 1, 5h, world.now.wall + 2h},
                          {"secondary", used_percent, kWeek, world.now.wall + resets_in}};
  world.Take(world.pool.UsageChecked(account, answer, world.now));
}

AcquireArgs Wish(World& world, const std::string& request, const std::string& key_name) {
  AcquireArgs args;
  args.frontend = world.frontend;
  args.epoch = world.epoch;
  args.request = RequestId(request);
  args.provider = "codex";
  args.wire_model = "gpt-5.5";
  args.key_name = key_name;
  return args;
}

TEST(Reserve, KeepsTheLastOfAWindowForItsKeys) {
  World world(With({AReserve()}));
  const AccountId a = world.Add("a");
  Report(world, a, 90);
  world.Take(world.pool.Acquire(Wish(world, "r1", "other"), world.now));
  EXPECT_TRUE(world.One<Granted>().has_value()) << "ten percent are left, and that is what is kept";
  Report(world, a, 90.5);
  world.Take(world.pool.Acquire(Wish(world, "r2", "other"), world.now));
  const auto denied = world.One<Denied>();
  ASSERT_TRUE(denied.has_value());
  EXPECT_EQ(denied->code, DenyCode::kExhausted);
  EXPECT_EQ(denied->available_at, world.now.wall + 30h);
  ASSERT_EQ(denied->accounts.size(), 1u);
  EXPECT_THAT(denied->accounts[0].reason, HasSubstr("the last 10 % of 7d for ci"));
  world.Take(world.pool.Acquire(Wish(world, "r3", "ci"), world.now));
  EXPECT_TRUE(world.One<Granted>().has_value());
}

TEST(Reserve, EndsWithItsWindow) {
  World world(With({AReserve()}));
  const AccountId a = world.Add("a");
  Report(world, a, 99, 1h);
  world.Take(world.pool.Acquire(Wish(world, "r1", ""), world.now));
  EXPECT_TRUE(world.One<Denied>().has_value());
  world.Pass(1h);
  world.Take(world.pool.Acquire(Wish(world, "r2", ""), world.now));
  EXPECT_TRUE(world.One<Granted>().has_value());
}

TEST(Reserve, SendsOthersToAccountsThatHaveMore) {
  World world(With({AReserve()}));
  const AccountId a = world.Add("a"), b = world.Add("b");
  const Granted first = world.MustGrant("r1", "k", "talk");
  ASSERT_EQ(first.account, a);
  world.Settle(first);
  Report(world, a, 95);
  EXPECT_EQ(world.MustGrant("r2", "k", "talk").account, b) << "also a conversation that lives there";
}

TEST(Reserve, HoldsToItsTagsAndProvider) {
  World world;
  PoolAccount account = *world.pool.Find(world.Add("a"));
  account.facts.tags = {"shared"};
  QuotaState known;
  known.windows = {{"", kWeek, 95, world.now.wall + 1h, world.now.wall}};
  account.quota.Restore(std::move(known));
  Reserve other_tag = AReserve(), same_tag = AReserve(), other_provider = AReserve(), other_window = AReserve();
  other_tag.tags = {"mine"};
  same_tag.tags = {"mine", "shared"};
  other_provider.provider = "openai";
  other_window.window = 5h;
  EXPECT_EQ(Holding({other_tag, same_tag, other_provider, other_window}, account, world.now.wall), 2u);
}

TEST(Reserve, IsKeptByTheNameOfAKey) {
  EXPECT_EQ(KeptFor({AReserve()}, "ci"), 1u);
  EXPECT_EQ(KeptFor({AReserve()}, "cj"), 0u);
  EXPECT_EQ(KeptFor({AReserve()}, ""), 0u) << "a caller without a key";
}

TEST(Reserve, SaysNoTimeForAWindowWithoutOne) {
  World world;
  PoolAccount account = *world.pool.Find(world.Add("a"));
  QuotaState known;
  known.windows = {{"", kWeek, 95, std::nullopt, world.now.wall}};
  account.quota.Restore(std::move(known));
  EXPECT_EQ(HeldUntil({AReserve()}, 1, account, world.now.wall), std::nullopt);
}

}  // namespace
}  // namespace patchbay::accounts
