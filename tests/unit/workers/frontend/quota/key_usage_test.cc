#include "workers/frontend/quota/key_usage.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

const ClientKey kHolder{"ck_1", "me", accounts::v1::QUOTA_VIEW_UNSPECIFIED};

TEST(KeyUsage, TellsTheHolderWhatIsLeft) {
  accounts::v1::PoolQuota pool;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(R"pb(
                                                      provider: "codex"
                                                      plan: "plus"
                                                      has_room: true
                                                      windows {
                                                        used_percent: 33.333
                                                        length { seconds: 18000 }
                                                        resets_at { seconds: 9000 }
                                                      }
                                                      windows {
                                                        name: "codex_bengalfox"
                                                        used_percent: 1
                                                        length { seconds: 18000 }
                                                      }
                                                      windows { name: "requests" used_percent: 50 }
                                                      limit_names { key: "codex_bengalfox" value: "Spark" })pb",
                                                    &pool));
  EXPECT_EQ(
      KeyUsageJson(kHolder, accounts::v1::QUOTA_VIEW_POOL, &pool, 1000),
      R"({"object":"usage","key":{"id":"ck_1","name":"me","expires_at":null},"terms":null,"used":null,"quota_view":"pool","quota":{"provider":"codex",)"
      R"("plan":"plus","allowed":true,"available_at":null,"windows":[{"limit":null,"length_seconds":18000,)"
      R"("used_percent":33.33,"remaining_percent":66.67,"resets_at":9000},{"limit":"codex_bengalfox",)"
      R"("limit_name":"Spark","length_seconds":18000,"used_percent":1,"remaining_percent":99,"resets_at":null}],)"
      R"("credits":null}})");
}

TEST(KeyUsage, TellsNothingWhereNothingIsShown) {
  EXPECT_EQ(
      KeyUsageJson(kHolder, accounts::v1::QUOTA_VIEW_NONE, nullptr, 1000),
      R"({"object":"usage","key":{"id":"ck_1","name":"me","expires_at":null},"terms":null,"used":null,"quota_view":"none","quota":null})");
}

TEST(KeyUsage, TellsTheHolderWhatTheKeyMayDoAndHowMuchIsUsed) {
  accounts::v1::KeyTerms terms;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(models: "gpt-*"
           tags: "team-a"
           requests_per_minute: 60
           budgets { period: BUDGET_PERIOD_DAY nano_dollars: 5000000000 }
           budgets { period: BUDGET_PERIOD_MONTH tokens: 1000 }
           fallback_model: "gpt-5.5-mini")pb",
      &terms));
  accounts::v1::KeyStanding standing;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(requests_this_minute: 2
           tokens_this_minute: 300
           open: 1
           budgets {
             budget { period: BUDGET_PERIOD_DAY nano_dollars: 5000000000 }
             used: 1250000000
             reserved: 250000000
             resets_at { seconds: 90000 }
           }
           budgets {
             budget { period: BUDGET_PERIOD_MONTH tokens: 1000 }
             used: 1200
           })pb",
      &standing));
  ClientKey key = kHolder;
  key.expires_at = WallTime(std::chrono::seconds(2000));
  key.terms = std::make_shared<const accounts::v1::KeyTerms>(terms);
  key.standing = std::make_shared<const accounts::v1::KeyStanding>(standing);
  EXPECT_EQ(KeyUsageJson(key, accounts::v1::QUOTA_VIEW_NONE, nullptr, 1000),
            R"({"object":"usage","key":{"id":"ck_1","name":"me","expires_at":2000},"terms":{"models":["gpt-*"],)"
            R"("providers":[],"dialects":[],"tiers":[],"highest_effort":null,"sources":[],"requests_per_minute":60,)"
            R"("tokens_per_minute":null,"concurrency":null,"budgets":["5 USD a day","1k tokens a month"],)"
            R"("fallback_model":"gpt-5.5-mini"},"used":{"requests_this_minute":2,"tokens_this_minute":300,"open":1,)"
            R"("waiting":0,"budgets":[{"period":"day","unit":"usd","limit":5,"used":1.25,"reserved":0.25,)"
            R"("remaining":3.5,"resets_at":90000},{"period":"month","unit":"tokens","limit":1000,"used":1200,)"
            R"("reserved":0,"remaining":0,"resets_at":null}]},"quota_view":"none","quota":null})");
}

}  // namespace
}  // namespace patchbay::frontend
