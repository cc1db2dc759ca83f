#include "workers/upstream/dialects/codex/rate_limits.h"

#include <gtest/gtest.h>

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

const WallTime kNow{std::chrono::seconds(1787390000)};

inf::RateLimits FromHeaders(const Headers& headers) {
  inf::RateLimits limits;
  DecodeRateLimitHeaders(headers, kNow, limits);
  return limits;
}

TEST(CodexRateLimits, ReadsBothWindowsOfALiveReply) {
  const auto limits = FromHeaders({{"x-codex-active-limit", "codex"},
                                   {"x-codex-plan-type", "plus"},
                                   {"x-codex-primary-used-percent", "100"},
                                   {"x-codex-primary-window-minutes", "300"},
                                   {"x-codex-primary-reset-at", "1787403600"},
                                   {"x-codex-primary-reset-after-seconds", "13540"},
                                   {"x-codex-secondary-used-percent", "61.5"},
                                   {"x-codex-secondary-window-minutes", "10080"},
                                   {"x-codex-secondary-reset-after-seconds", "600"},
                                   {"x-codex-credits-balance", ""},
                                   {"x-codex-rate-limit-reached-type", "rate_limit_reached"}});
  EXPECT_EQ(limits.plan(), "plus");
  EXPECT_EQ(limits.active_limit(), "") << "the account's own";
  EXPECT_TRUE(limits.limit_reached());
  ASSERT_EQ(limits.windows_size(), 2);
  EXPECT_EQ(limits.windows(0).name(), "primary");
  EXPECT_EQ(limits.windows(0).used_percent(), 100);
  EXPECT_EQ(limits.windows(0).length().seconds(), 18000);
  EXPECT_EQ(limits.windows(0).resets_at().seconds(), 1787403600);
  EXPECT_EQ(limits.windows(1).name(), "secondary");
  EXPECT_EQ(limits.windows(1).used_percent(), 61.5);
  EXPECT_EQ(limits.windows(1).resets_at().seconds(), 1787390600);
}

TEST(CodexRateLimits, NamesAWeeklyWindowByItsLengthWhereverItStands) {
  const auto limits = FromHeaders({{"x-codex-primary-used-percent", "12"},
                                   {"x-codex-primary-window-minutes", "10080"},
                                   {"x-codex-secondary-used-percent", "0"},
                                   {"x-codex-secondary-window-minutes", "0"},
                                   {"x-codex-secondary-reset-at", ""}});
  ASSERT_EQ(limits.windows_size(), 1);
  EXPECT_EQ(limits.windows(0).name(), "secondary");
  EXPECT_EQ(limits.windows(0).length().seconds(), 604800);
}

TEST(CodexRateLimits, ReadsAdditionalLimitsUnderTheirOwnNames) {
  const auto limits = FromHeaders({{"x-codex-bengalfox-primary-used-percent", "3"},
                                   {"x-codex-bengalfox-primary-window-minutes", "300"},
                                   {"x-codex-bengalfox-limit-name", "GPT-5.3-Codex-Spark"}});
  ASSERT_EQ(limits.windows_size(), 1);
  EXPECT_EQ(limits.windows(0).name(), "codex_bengalfox") << "as the usage endpoint calls it";
  EXPECT_EQ(limits.limit_names().at("codex_bengalfox"), "GPT-5.3-Codex-Spark");
}

TEST(CodexRateLimits, TellWhichLimitARefusedCallWasOf) {
  const Headers spark = {{"x-codex-active-limit", "codex_bengalfox"},
                         {"x-codex-rate-limit-reached-type", "rate_limit_reached"},
                         {"x-codex-primary-used-percent", "40"},
                         {"x-codex-primary-window-minutes", "300"},
                         {"x-codex-bengalfox-primary-used-percent", "100"},
                         {"x-codex-bengalfox-primary-window-minutes", "300"},
                         {"x-codex-bengalfox-secondary-used-percent", "7"},
                         {"x-codex-bengalfox-secondary-window-minutes", "10080"}};
  const auto limits = FromHeaders(spark);
  EXPECT_EQ(limits.active_limit(), "codex_bengalfox");
  EXPECT_FALSE(limits.limit_reached()) << "the account serves other models";
  EXPECT_EQ(limits.windows_size(), 3) << "of one limit, each by its length";

  const auto premium = FromHeaders({{"x-codex-active-limit", "premium"},
                                    {"x-codex-primary-used-percent", "100"},
                                    {"x-codex-primary-window-minutes", "300"},
                                    {"x-codex-rate-limit-reached-type", "rate_limit_reached"}});
  EXPECT_EQ(premium.active_limit(), "") << "it has no windows of its own: it is the account's";
  EXPECT_TRUE(premium.limit_reached());
}

TEST(CodexRateLimits, ReadCreditsWhereBothMarksAreThere) {
  const auto limits = FromHeaders({{"x-codex-credits-has-credits", "True"},
                                   {"x-codex-credits-unlimited", "0"},
                                   {"x-codex-credits-balance", "12.50"}});
  ASSERT_TRUE(limits.has_credits());
  EXPECT_TRUE(limits.credits().has_credits());
  EXPECT_FALSE(limits.credits().unlimited());
  EXPECT_EQ(limits.credits().balance(), "12.50");
  EXPECT_FALSE(FromHeaders({{"x-codex-credits-has-credits", "True"}}).has_credits());
  EXPECT_FALSE(
      FromHeaders({{"x-codex-credits-has-credits", "yes"}, {"x-codex-credits-unlimited", "no"}}).has_credits());
}

TEST(CodexRateLimits, TakesWhatCannotBeParsedAsAbsent) {
  inf::RateLimits limits;
  EXPECT_FALSE(DecodeRateLimitHeaders({{"x-codex-primary-used-percent", "nan"},
                                       {"x-codex-secondary-used-percent", "12%"},
                                       {"x--primary-used-percent", ""},
                                       {"content-type", "text/event-stream"}},
                                      kNow, limits));
  EXPECT_EQ(limits.windows_size(), 0);
}

TEST(CodexRateLimits, ReadsAFrameForAMeteredLimit) {
  inf::RateLimits limits;
  ASSERT_TRUE(DecodeRateLimitFrame(
      R"({"type":"codex.rate_limits","metered_limit_name":"codex_bengalfox","rate_limits":{"limit_reached":true,
          "primary":{"used_percent":100,"window_minutes":300,"reset_at":1787400000},"secondary":null}})",
      kNow, limits));
  EXPECT_FALSE(limits.limit_reached()) << "that limit is, not the account";
  ASSERT_EQ(limits.windows_size(), 1);
  EXPECT_EQ(limits.windows(0).name(), "codex_bengalfox");
  EXPECT_EQ(limits.windows(0).used_percent(), 100);
  EXPECT_FALSE(DecodeRateLimitFrame(R"({"type":"codex.rate_limits"})", kNow, limits));
}

TEST(CodexRateLimits, ReadsTheCreditsOfAFrame) {
  inf::RateLimits limits;
  ASSERT_TRUE(DecodeRateLimitFrame(
      R"({"type":"codex.rate_limits","plan_type":"pro","rate_limits":{"limit_reached":true,"primary":{"used_percent":3,
          "window_minutes":300}},"credits":{"has_credits":true,"unlimited":false,"balance":"7"},"limit_name":null})",
      kNow, limits));
  EXPECT_TRUE(limits.limit_reached());
  EXPECT_EQ(limits.credits().balance(), "7");
  inf::RateLimits without;
  ASSERT_TRUE(DecodeRateLimitFrame(R"({"rate_limits":{},"credits":null})", kNow, without));
  EXPECT_FALSE(without.has_credits());
}

}  // namespace
}  // namespace patchbay::upstream::codex
