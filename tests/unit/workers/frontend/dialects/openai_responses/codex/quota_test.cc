#include "workers/frontend/dialects/openai_responses/codex/quota.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "lib/base/encoding.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr std::int64_t kNow = 1000;

accounts::v1::PoolQuota Pool(const std::string& text) {
  accounts::v1::PoolQuota pool;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &pool)) << text;
  return pool;
}

const char* const kBoth = R"pb(
  provider: "codex"
  plan: "plus"
  has_room: true
  windows {
    used_percent: 31.25
    length { seconds: 604800 }
    resets_at { seconds: 300000 }
  }
  windows {
    used_percent: 12
    length { seconds: 18000 }
    resets_at { seconds: 10000 }
  }
  windows {
    name: "codex_bengalfox"
    used_percent: 100
    length { seconds: 18000 }
    resets_at { seconds: 2000 }
  }
  windows { name: "requests" used_percent: 50 }
  limit_names { key: "codex_bengalfox" value: "GPT-5.3-Codex-Spark" }
  credits { has_credits: true balance: "4.20" })pb";

TEST(CodexQuota, SaysTheSameInHeadersEventsAndAnswers) {
  const auto pool = Pool(kBoth);
  const HeaderList headers = QuotaHeaders(pool, kNow);
  EXPECT_THAT(headers, Contains(Pair("x-codex-primary-used-percent", "12")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-primary-window-minutes", "300")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-primary-reset-at", "10000")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-primary-reset-after-seconds", "9000")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-secondary-used-percent", "31.25")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-bengalfox-primary-used-percent", "100")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-bengalfox-limit-name", "GPT-5.3-Codex-Spark")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-plan-type", "plus")));
  EXPECT_THAT(headers, Contains(Pair("x-codex-credits-balance", "4.20")));
  EXPECT_EQ(QuotaEventJson(pool, kNow),
            R"({"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"allowed":true,"limit_reached":false,)"
            R"("primary":{"used_percent":12,"window_minutes":300,"reset_after_seconds":9000,"reset_at":10000},)"
            R"("secondary":{"used_percent":31,"window_minutes":10080,"reset_after_seconds":299000,"reset_at":300000}},)"
            R"("code_review_rate_limits":null,"credits":{"has_credits":true,"unlimited":false,"balance":"4.20"},)"
            R"("promo":null,"metered_limit_name":null,"limit_name":null})");
  EXPECT_EQ(
      UsageJson({"u", "a", "e@x", ""}, &pool, kNow),
      R"({"user_id":"u","account_id":"a","email":"e@x","plan_type":"plus","rate_limit":{"allowed":true,)"
      R"("limit_reached":false,"primary_window":{"used_percent":12,"limit_window_seconds":18000,)"
      R"("reset_after_seconds":9000,"reset_at":10000},"secondary_window":{"used_percent":31,)"
      R"("limit_window_seconds":604800,"reset_after_seconds":299000,"reset_at":300000}},)"
      R"("code_review_rate_limit":null,"additional_rate_limits":[{"limit_name":"GPT-5.3-Codex-Spark",)"
      R"("metered_feature":"codex_bengalfox","rate_limit":{"allowed":false,"limit_reached":true,"primary_window":)"
      R"({"used_percent":100,"limit_window_seconds":18000,"reset_after_seconds":1000,"reset_at":2000},)"
      R"("secondary_window":null}}],"credits":{"has_credits":true,"unlimited":false,"balance":"4.20"},)"
      R"("rate_limit_reached_type":null,"rate_limit_reset_credits":null,"promo":null})");
}

TEST(CodexQuota, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(UsageJson({}, nullptr, kNow),
            R"({"plan_type":"unknown","rate_limit":null,"code_review_rate_limit":null,"additional_rate_limits":[],)"
            R"("credits":null,"rate_limit_reached_type":null,"rate_limit_reset_credits":null,"promo":null})");
  const auto nothing = Pool("provider: 'codex' has_room: true");
  EXPECT_THAT(UsageJson({}, &nothing, kNow), HasSubstr(R"("rate_limit":null)"));
  EXPECT_TRUE(QuotaHeaders(nothing, kNow).empty());
  const auto plan = Pool("plan: 'plus' has_room: true credits { has_credits: true balance: '1' }");
  EXPECT_EQ(UsageJson({}, &plan, kNow),
            R"({"plan_type":"plus","rate_limit":null,"code_review_rate_limit":null,"additional_rate_limits":[],)"
            R"("credits":{"has_credits":true,"unlimited":false,"balance":"1"},"rate_limit_reached_type":null,)"
            R"("rate_limit_reset_credits":null,"promo":null})")
      << "no window is known, so nobody has said that it may go on";
  EXPECT_THAT(QuotaEventJson(plan, kNow), HasSubstr(R"("plan_type":"plus","rate_limits":null,)"));
  const auto refused = Pool("plan: 'plus' has_room: false");
  EXPECT_THAT(UsageJson({}, &refused, kNow),
              HasSubstr(R"("rate_limit":{"allowed":false,"limit_reached":true,"primary_window":null,)"));
  const auto no_reset = Pool("has_room: true windows { used_percent: 5 length { seconds: 18000 } }");
  EXPECT_THAT(UsageJson({}, &no_reset, kNow), HasSubstr(R"("primary_window":null)")) << "its reset is no number";
  EXPECT_THAT(QuotaEventJson(no_reset, kNow), HasSubstr(R"("primary":{"used_percent":5,"window_minutes":300})"));
  const auto idle = Pool("has_room: true windows { used_percent: 0 length { seconds: 18000 } }");
  EXPECT_THAT(UsageJson({}, &idle, kNow), HasSubstr(R"("reset_at":19000)")) << "it begins with its first use";
}

TEST(CodexQuota, SaysThatAPoolIsUsedUp) {
  const auto spent =
      Pool("plan: 'pro' windows { used_percent: 100 length { seconds: 604800 } resets_at { seconds: 5000 } }");
  const std::string usage = UsageJson({}, &spent, kNow);
  EXPECT_THAT(usage, HasSubstr(R"("allowed":false,"limit_reached":true,"primary_window":{"used_percent":100)"));
  EXPECT_THAT(usage, HasSubstr(R"("rate_limit_reached_type":{"type":"rate_limit_reached"})"));
}

TEST(CodexQuota, KnowsWhoAsksByTheirOwnToken) {
  const std::string claims =
      R"({"https://api.openai.com/auth":{"chatgpt_user_id":"user-1","chatgpt_account_id":"acc-2","chatgpt_plan_type":"team"},)"
      R"("https://api.openai.com/profile":{"email":"a@b.c"}})";
  const std::string token = "x." + Base64UrlEncode(claims) + ".y";
  UsageOwner owner = UsageOwnerOf({.callers_token = token, .client_key = "ck_1"});
  EXPECT_EQ(owner.user_id, "user-1");
  EXPECT_EQ(owner.account_id, "acc-2");
  EXPECT_EQ(owner.plan, "team");
  EXPECT_EQ(owner.email, "a@b.c");
  owner = UsageOwnerOf({.callers_token = token, .header = [](std::string_view) { return std::string_view("acc-3"); }});
  EXPECT_EQ(owner.account_id, "acc-3") << "the workspace that it works in";
  for (const char* odd : {"", "a.b", "a.!!.c", "a.W10.c", "a.e30.c"}) {
    owner = UsageOwnerOf({.callers_token = odd, .client_key = "ck_1"});
    EXPECT_EQ(owner.account_id, "ck_1") << odd;
    EXPECT_EQ(owner.plan, "") << odd;
  }
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::codex
