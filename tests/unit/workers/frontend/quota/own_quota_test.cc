#include "workers/frontend/quota/own_quota.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

ClientKey Standing(const std::string& text) {
  auto standing = std::make_shared<accounts::v1::KeyStanding>();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, standing.get())) << text;
  ClientKey key;
  key.standing = standing;
  return key;
}

TEST(OwnQuota, IsNoneOfAKeyWithoutBudgets) {
  EXPECT_EQ(OwnQuota({}, "codex"), nullptr);
  EXPECT_EQ(OwnQuota(Standing("requests_this_minute: 3"), "codex"), nullptr);
}

TEST(OwnQuota, HasAWindowForEachPeriod) {
  const auto quota = OwnQuota(Standing(R"pb(
                                budgets {
                                  budget { period: BUDGET_PERIOD_MONTH tokens: 1000 }
                                  used: 250
                                  resets_at { seconds: 9000 }
                                }
                                budgets {
                                  budget { period: BUDGET_PERIOD_DAY nano_dollars: 5000000000 }
                                  used: 2000000000
                                  reserved: 1000000000
                                  resets_at { seconds: 5000 }
                                })pb"),
                              "codex");
  ASSERT_NE(quota, nullptr);
  EXPECT_EQ(quota->provider(), "codex");
  EXPECT_TRUE(quota->has_room());
  ASSERT_EQ(quota->windows_size(), 2);
  EXPECT_EQ(quota->windows(0).length().seconds(), 86'400);
  EXPECT_DOUBLE_EQ(quota->windows(0).used_percent(), 40) << "what calls under way may cost is not used yet";
  EXPECT_EQ(quota->windows(0).resets_at().seconds(), 5000);
  EXPECT_EQ(quota->windows(1).length().seconds(), 30 * 86'400);
  EXPECT_DOUBLE_EQ(quota->windows(1).used_percent(), 25);
}

TEST(OwnQuota, ShowsOfOnePeriodTheTighterBudget) {
  const auto quota = OwnQuota(Standing(R"pb(
                                budgets {
                                  budget { period: BUDGET_PERIOD_DAY tokens: 100 }
                                  used: 90
                                }
                                budgets {
                                  budget { period: BUDGET_PERIOD_DAY nano_dollars: 100 }
                                  used: 10
                                })pb"),
                              "codex");
  ASSERT_EQ(quota->windows_size(), 1);
  EXPECT_DOUBLE_EQ(quota->windows(0).used_percent(), 90);
  EXPECT_FALSE(quota->windows(0).has_resets_at()) << "nobody has told";
}

TEST(OwnQuota, IsBackWhenTheLastSpentBudgetBeginsAnew) {
  const auto quota = OwnQuota(Standing(R"pb(
                                budgets {
                                  budget { period: BUDGET_PERIOD_DAY tokens: 100 }
                                  used: 130
                                  resets_at { seconds: 5000 }
                                }
                                budgets {
                                  budget { period: BUDGET_PERIOD_WEEK tokens: 100 }
                                  used: 100
                                  resets_at { seconds: 9000 }
                                }
                                budgets {
                                  budget { period: BUDGET_PERIOD_MONTH tokens: 1000 }
                                  used: 130
                                  resets_at { seconds: 20000 }
                                })pb"),
                              "codex");
  EXPECT_FALSE(quota->has_room());
  EXPECT_EQ(quota->back_at().seconds(), 9000);
  EXPECT_DOUBLE_EQ(quota->windows(0).used_percent(), 100);
}

}  // namespace
}  // namespace patchbay::frontend
