#include "workers/accounts/service/convert_quota.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "lib/time/proto_time.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kSeen{std::chrono::seconds(1'790'000'000)};

Quota QuotaOf(std::vector<Window> windows) {
  QuotaState state;
  state.windows = std::move(windows);
  state.credits = CreditFacts{true, false, "12.50"};
  state.limit_names = {{"extra", "Extra limit"}};
  Quota quota;
  quota.Restore(std::move(state));
  return quota;
}

Window WindowOf(const std::string& family, std::chrono::seconds length, double used) {
  Window window;
  window.family = family;
  window.length = length;
  window.used_percent = used;
  window.resets_at = kSeen + 1h;
  window.seen_at = kSeen;
  window.watched_since = kSeen;
  return window;
}

TEST(ConvertQuota, TakesWhatWasSaidAndInventsNothing) {
  inference::v1::RateLimits limits;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(plan: "plus"
           limit_reached: true
           active_limit: "extra"
           windows {
             name: "primary"
             used_percent: 12.5
             length { seconds: 18000 }
             resets_at { seconds: 1790003600 }
           }
           windows {
             name: "secondary"
             used_percent: 3
             length { seconds: 604800 }
           }
           credits { has_credits: true balance: "5" }
           limit_names { key: "extra" value: "Extra limit" })pb",
      &limits));
  const QuotaFacts facts = ToFacts(limits);
  EXPECT_EQ(facts.plan, "plus");
  EXPECT_TRUE(facts.limit_reached);
  EXPECT_EQ(facts.active_limit, "extra");
  ASSERT_EQ(facts.windows.size(), 2u);
  EXPECT_EQ(facts.windows[0].name, "primary");
  EXPECT_EQ(facts.windows[0].used_percent, 12.5);
  EXPECT_EQ(facts.windows[0].length, 5h);
  EXPECT_EQ(facts.windows[0].resets_at, kSeen + 1h);
  EXPECT_EQ(facts.windows[1].resets_at, std::nullopt);
  ASSERT_TRUE(facts.credits.has_value());
  EXPECT_TRUE(facts.credits->has);
  EXPECT_FALSE(facts.credits->unlimited);
  EXPECT_EQ(facts.credits->balance, "5");
  EXPECT_EQ(facts.limit_names.at("extra"), "Extra limit");
  EXPECT_FALSE(ToFacts({}).credits.has_value()) << "unknown is not none";
}

TEST(ConvertQuota, ShowsAnAccountsWindowsWithTheirNames) {
  StoredAccount stored;
  stored.ref = AccountId("acc_1");
  stored.label = "work";
  stored.provider = "codex";
  stored.plan = "plus";
  PoolAccount pooled;
  pooled.quota = QuotaOf({WindowOf("", 5h, 40), WindowOf("extra", 168h, 7)});
  AccountView view;
  view.stored = &stored;
  view.pooled = &pooled;
  view.now = kSeen + 2h;
  v1::AccountQuota out;
  WriteAccountQuota(view, &out);
  EXPECT_EQ(out.account(), "acc_1");
  EXPECT_EQ(out.label(), "work");
  EXPECT_EQ(out.plan(), "plus");
  ASSERT_EQ(out.windows_size(), 2);
  EXPECT_EQ(out.windows(0).limit(), "");
  EXPECT_EQ(out.windows(0).used_percent(), 0) << "its reset has passed";
  EXPECT_EQ(out.windows(0).length().seconds(), 18'000);
  EXPECT_EQ(ToWallTime(out.windows(0).seen_at()), kSeen);
  EXPECT_EQ(out.windows(1).limit_name(), "Extra limit");
  EXPECT_EQ(out.credits().balance(), "12.50");
  EXPECT_FALSE(out.has_reset_credits()) << "nobody said how many";
}

TEST(ConvertQuota, SaysNothingOfAnAccountThatIsOnItsWayInOrOut) {
  v1::AccountQuota out;
  WriteAccountQuota({}, &out);
  EXPECT_EQ(out.ByteSizeLong(), 0u);
}

TEST(ConvertQuota, TellsAnAccountsOwnMessageAsItWasSeen) {
  v1::Account out;
  WriteQuota(QuotaOf({WindowOf("", 5h, 40)}), kSeen + 2h, &out);
  ASSERT_EQ(out.windows_size(), 1);
  EXPECT_EQ(out.windows(0).used_percent(), 40);
  EXPECT_EQ(ToWallTime(out.quota_seen_at()), kSeen);
}

TEST(ConvertQuota, TellsWhatClientsAreShownOfAPool) {
  PooledQuota pool;
  pool.provider = "codex";
  pool.plan = "plus";
  pool.windows = {{"", 5h, 30, kSeen + 1h}, {"", 168h, 3, std::nullopt}};
  pool.limit_names = {{"extra", "Extra limit"}};
  pool.back_at = kSeen + 1h;
  v1::PoolQuotas out;
  WritePools({pool}, &out);
  ASSERT_EQ(out.pools_size(), 1);
  EXPECT_FALSE(out.pools(0).has_room());
  ASSERT_EQ(out.pools(0).windows_size(), 2);
  EXPECT_EQ(out.pools(0).windows(0).used_percent(), 30);
  EXPECT_FALSE(out.pools(0).windows(1).has_resets_at());
  EXPECT_FALSE(out.pools(0).has_credits());
  EXPECT_EQ(out.pools(0).limit_names().at("extra"), "Extra limit");
  EXPECT_EQ(ToWallTime(out.pools(0).back_at()), kSeen + 1h);
}

TEST(ConvertQuota, TellsAForecastWithoutATimeWhereThereIsNone) {
  Quotas::ProviderOutlook told;
  told.provider = "codex";
  told.accounts = 3;
  told.outlook.with_room = 2;
  told.outlook.unknown = 1;
  told.outlook.seen_until = kSeen + 24h;
  v1::PoolForecast out;
  WriteForecast(told, &out);
  EXPECT_EQ(out.accounts(), 3);
  EXPECT_EQ(out.with_room(), 2);
  EXPECT_EQ(out.unknown(), 1);
  EXPECT_FALSE(out.has_dry_at());
  EXPECT_FALSE(out.has_back_at());
  told.outlook.dry_at = kSeen + 5h;
  WriteForecast(told, &out);
  EXPECT_EQ(ToWallTime(out.dry_at()), kSeen + 5h);
}

}  // namespace
}  // namespace patchbay::accounts
