#include "workers/accounts/core/quotas.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/core/core_world.h"
#include "workers/accounts/books/configured_keys.h"

namespace patchbay::accounts {
namespace {

constexpr std::string_view kUsage =
    R"({"rate_limit":{"allowed":true,"limit_reached":false,)"
    R"("primary_window":{"used_percent":30,"limit_window_seconds":18000,"reset_after_seconds":9000}}})";

TEST(Quotas, KnowAfterARestartWhatWasKnownBefore) {
  CoreWorld world;
  const AccountId account = world.MustAdd("one");
  world.fetcher->usages.push_back(FetchAnswer{200, Secret(std::string(kUsage))});
  EXPECT_EQ(world.Await(world.core->checks().Recheck(account)), "");
  world.core->quotas().Tick();
  world.Settle();
  world.Crash();
  world.Start();
  const auto& pools = world.core->quotas().pools();
  ASSERT_EQ(pools.size(), 1u) << "whoever watches first is not told that there is nothing";
  ASSERT_EQ(pools[0].windows.size(), 1u);
  EXPECT_EQ(pools[0].windows[0].used_percent, 30);
}

TEST(Quotas, TellOfWhatTheConfigurationNamesAsSoonAsItIsThere) {
  CoreWorld world;
  EXPECT_TRUE(world.core->quotas().pools().empty());
  world.core->Want({{"openai", "${KEY}", Secret("sk-1")}});
  world.Settle();
  const auto& pools = world.core->quotas().pools();
  ASSERT_EQ(pools.size(), 1u) << "before the next tick";
  EXPECT_EQ(pools[0].provider, "openai");
}

}  // namespace
}  // namespace patchbay::accounts
