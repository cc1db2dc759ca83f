#include "workers/accounts/providers/codex/usage_reply.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'787'390'000)};

TEST(UsageReply, ReadsEveryWindow) {
  const auto answer = ReadUsageReply(200, R"({"plan_type":"plus","rate_limit":{"allowed":true,"limit_reached":false,
    "primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_after_seconds":9000,"reset_at":1787400000},
    "secondary_window":{"used_percent":31.5,"limit_window_seconds":604800,"reset_after_seconds":300000}},
    "additional_rate_limits":[{"limit_name":"Spark","metered_feature":"codex_bengalfox","rate_limit":{"primary_window":
    {"used_percent":1,"limit_window_seconds":18000,"reset_at":1787409000},"secondary_window":null}}]})",
                                     kNow);
  EXPECT_EQ(answer.http_status, 200);
  EXPECT_FALSE(answer.quota.limit_reached);
  ASSERT_EQ(answer.quota.windows.size(), 3u);
  EXPECT_EQ(answer.quota.windows[0].resets_at, WallTime(std::chrono::seconds(1787400000)));
  EXPECT_EQ(answer.quota.windows[1].resets_at, kNow + std::chrono::seconds(300000));
  EXPECT_EQ(answer.quota.windows[2].name, "codex_bengalfox");
  EXPECT_EQ(answer.quota.limit_names.at("codex_bengalfox"), "Spark");
  EXPECT_TRUE(answer.quota.whole);
  EXPECT_FALSE(answer.quota.credits) << "it says nothing of them";
}

TEST(UsageReply, ReadsCreditsAndLetsThemGoOnPastTheLimit) {
  const auto answer =
      ReadUsageReply(200, R"({"rate_limit":{"allowed":true,"limit_reached":true},"credits":{"has_credits":true,
    "unlimited":false,"balance":"4.20"},"rate_limit_reset_credits":{"available_count":3}})",
                     kNow);
  EXPECT_FALSE(answer.quota.limit_reached) << "it is allowed to go on";
  ASSERT_TRUE(answer.quota.credits);
  EXPECT_EQ(*answer.quota.credits, (CreditFacts{true, false, "4.20"}));
  EXPECT_EQ(answer.quota.reset_credits, 3);
  const auto beyond =
      ReadUsageReply(200, R"({"rate_limit":{},"credits":{"has_credits":true,"overage_limit_reached":true}})", kNow);
  EXPECT_FALSE(beyond.quota.credits->has) << "no more than was set for them";
}

TEST(UsageReply, TakesNotAllowedForReached) {
  EXPECT_TRUE(ReadUsageReply(200, R"({"rate_limit":{"allowed":false}})", kNow).quota.limit_reached);
  EXPECT_TRUE(ReadUsageReply(200, R"({"rate_limit":{"limit_reached":true}})", kNow).quota.limit_reached);
}

TEST(UsageReply, TellsARefusalsCode) {
  const UsageAnswer shut = ReadUsageReply(402, R"({"detail":{"code":"deactivated_workspace"}})", kNow);
  EXPECT_EQ(shut.code, "deactivated_workspace");
  EXPECT_EQ(shut.cause, Cause::kDeactivated);
  EXPECT_EQ(ReadUsageReply(401, R"({"error":{"code":"account_deactivated"}})", kNow).cause, Cause::kDeactivated);
  EXPECT_EQ(ReadUsageReply(401, R"({"error":{"code":"token_expired"}})", kNow).cause, Cause::kUnknown);
  EXPECT_EQ(ReadUsageReply(401, R"({"error":{"code":"token_expired"}})", kNow).code, "token_expired");
  EXPECT_EQ(ReadUsageReply(403, "<html>", kNow).http_status, 403);
}

TEST(UsageReply, SaysNothingWhenItCannotBeRead) {
  for (const char* body : {"", "[]", "{}", "<html>", R"({"rate_limit":7})"})
    EXPECT_EQ(ReadUsageReply(200, body, kNow).http_status, 0) << body;
  const auto odd = ReadUsageReply(200, R"({"rate_limit":{"primary_window":{"used_percent":"x"},"secondary_window":
    {"used_percent":1,"limit_window_seconds":1e300,"reset_at":-5}}})",
                                  kNow);
  EXPECT_EQ(odd.quota.windows.size(), 1u);
  EXPECT_EQ(odd.quota.windows[0].length.count(), 0);
}

}  // namespace
}  // namespace patchbay::accounts
