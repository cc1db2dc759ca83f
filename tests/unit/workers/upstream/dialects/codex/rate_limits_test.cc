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
  EXPECT_EQ(limits.active_limit(), "codex");
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
  EXPECT_EQ(limits.windows(0).name(), "codex-bengalfox/primary");
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
  EXPECT_TRUE(limits.limit_reached());
  ASSERT_EQ(limits.windows_size(), 1);
  EXPECT_EQ(limits.windows(0).name(), "codex-bengalfox/primary");
  EXPECT_FALSE(DecodeRateLimitFrame(R"({"type":"codex.rate_limits"})", kNow, limits));
}

}  // namespace
}  // namespace patchbay::upstream::codex
