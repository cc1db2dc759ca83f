#include "workers/accounts/pool/forecast.h"

#include <gtest/gtest.h>

#include <random>

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;

const WallTime kThen{std::chrono::seconds(1'790'000'000)};

QuotaFacts Of(double used, std::chrono::seconds length, std::optional<WallTime> resets_at) {
  QuotaFacts facts;
  facts.windows = {{"primary", used, length, resets_at}};
  return facts;
}

// One window that is used at that rate from `from` percent on, for that long, until now.
Quota Used(double from, double per_hour, std::chrono::minutes time, std::chrono::seconds length, WallTime resets_at) {
  Quota quota;
  for (std::chrono::minutes at{0}; at <= time; at += 5min) {
    const double hours = static_cast<double>(at.count()) / 60;
    quota.Merge(Of(from + per_hour * hours, length, resets_at), kThen + at);
  }
  return quota;
}

double Hours(WallTime from, WallTime to) { return std::chrono::duration<double, std::ratio<3600>>(to - from).count(); }

TEST(Forecast, TellsTheRateOfSteadyUse) {
  const Quota quota = Used(10, 6, 180min, 18000s, kThen + 5h);
  const auto rate = PercentPerHour(quota.windows()[0], kThen + 3h);
  ASSERT_TRUE(rate);
  EXPECT_NEAR(*rate, 6, 0.5);
}

TEST(Forecast, SaysNothingOfAWindowThatHasJustBeenSeen) {
  Quota quota;
  quota.Merge(Of(50, 18000s, kThen + 5h), kThen);
  quota.Merge(Of(60, 18000s, kThen + 5h), kThen + 1min);
  EXPECT_FALSE(PercentPerHour(quota.windows()[0], kThen + 1min));
  EXPECT_FALSE(DryAt(quota, kThen + 1min));
}

TEST(Forecast, ForgetsUseThatIsLongAgo) {
  const Quota quota = Used(0, 20, 60min, 18000s, kThen + 5h);
  EXPECT_LT(*PercentPerHour(quota.windows()[0], kThen + 6h), 0.5);
}

TEST(Forecast, SaysWhenAWindowIsUsedUpUnlessItResetsBefore) {
  const Quota quota = Used(40, 10, 180min, 18000s, kThen + 8h);
  const auto dry = DryAt(quota, kThen + 3h);  // at 70 %, 10 % an hour
  ASSERT_TRUE(dry);
  EXPECT_NEAR(Hours(kThen + 3h, *dry), 3, 0.3);
  EXPECT_FALSE(DryAt(Used(40, 10, 180min, 18000s, kThen + 5h), kThen + 3h));
  EXPECT_EQ(DryAt(Used(100, 0, 60min, 18000s, kThen + 5h), kThen + 1h), kThen + 1h);
}

TEST(Forecast, AnAccountWithCreditsDoesNotRunDry) {
  Quota quota = Used(100, 0, 60min, 18000s, kThen + 5h);
  QuotaFacts paid;
  paid.credits = CreditFacts{true, false, "3"};
  quota.Merge(paid, kThen + 1h);
  EXPECT_FALSE(DryAt(quota, kThen + 1h));
}

TEST(Forecast, CountsAcrossAReset) {
  Quota quota = Used(0, 6, 120min, 18000s, kThen + 2h);
  quota.Merge(Of(3, 18000s, kThen + 7h), kThen + 150min);  // the next window
  const auto rate = PercentPerHour(quota.windows()[0], kThen + 150min);
  ASSERT_TRUE(rate);
  EXPECT_NEAR(*rate, 6, 1.5);
}

TEST(Forecast, APoolIsDryWhenItsLastAccountIs) {
  // A day is what counts as lately for a week.
  const Quota a = Used(80, 0, 120min, 604800s, kThen + 100h);
  const Quota b = Used(20, 20, 120min, 604800s, kThen + 100h);
  EXPECT_FALSE(OutlookOf({&a, &b}, kThen + 2h).dry_at) << "watched for two hours of a week only";
  // Two accounts with 80 % and 60 % used, together 12 % an hour: 60 % are left, for five hours.
  const Quota c = Used(80, 0, 300min, 604800s, kThen + 100h);
  const Quota d = Used(0, 12, 300min, 604800s, kThen + 100h);  // at 60 %
  const Outlook outlook = OutlookOf({&c, &d}, kThen + 5h);
  EXPECT_EQ(outlook.with_room, 2);
  EXPECT_EQ(outlook.unknown, 0);
  ASSERT_TRUE(outlook.dry_at);
  EXPECT_NEAR(Hours(kThen + 5h, *outlook.dry_at), 60 / 12.0, 1);
}

TEST(Forecast, APoolThatResetsInTimeDoesNotRunDry) {
  const Quota a = Used(50, 5, 180min, 18000s, kThen + 4h);
  const Outlook outlook = OutlookOf({&a}, kThen + 3h);  // 25 % an own window of five hours
  EXPECT_FALSE(outlook.dry_at);
  EXPECT_GE(outlook.seen_until, kThen + 13 * 24h);
}

TEST(Forecast, APoolThatIsDryKnowsWhoIsBackFirst) {
  const Quota a = Used(100, 0, 60min, 18000s, kThen + 4h), b = Used(100, 0, 60min, 18000s, kThen + 3h);
  const Outlook outlook = OutlookOf({&a, &b}, kThen + 1h);
  EXPECT_EQ(outlook.with_room, 0);
  EXPECT_EQ(outlook.dry_at, kThen + 1h);
  EXPECT_EQ(outlook.back_at, kThen + 3h);
}

TEST(Forecast, EndsWhateverTheNumbers) {
  std::mt19937 random(7);
  const auto below = [&](unsigned bound) { return static_cast<double>(random() % bound); };
  for (int round = 0; round < 300; ++round) {
    std::vector<Quota> quotas(1 + random() % 8);
    std::vector<const Quota*> list;
    for (Quota& quota : quotas) {
      for (int i = 0; i < 6; ++i) {
        QuotaFacts facts;
        facts.windows = {
            {"primary", below(130), std::chrono::seconds(random() % 3 == 0 ? 0 : 18000),
             random() % 4 == 0 ? std::nullopt : std::optional(kThen + std::chrono::minutes(random() % 9000))},
            {"secondary", below(101), std::chrono::seconds(604800), kThen + std::chrono::hours(random() % 200)}};
        quota.Merge(facts, kThen + std::chrono::hours(i));
      }
      list.push_back(&quota);
    }
    const WallTime now = kThen + std::chrono::hours(random() % 50);
    const Outlook outlook = OutlookOf(list, now);
    EXPECT_GE(outlook.seen_until, now);
    if (outlook.dry_at) {
      EXPECT_GE(*outlook.dry_at, now);
    }
  }
}

}  // namespace
}  // namespace patchbay::accounts
