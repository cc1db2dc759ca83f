#include "workers/frontend/http/quota_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/http/server_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::HasSubstr;

class QuotaHandlerTest : public ServerTest {};

TEST_F(QuotaHandlerTest, TellsWhatThePoolHasLeftWhereverItsClientsLook) {
  const char* kPool = R"(pools { provider: "codex" plan: "plus" has_room: true
                           windows { used_percent: 40.6 length { seconds: 18000 } resets_at { seconds: 90000 } } })";
  EXPECT_THAT(Serve("GET", "/wham/usage")->output, HasSubstr(R"("plan_type":"unknown","rate_limit":null)"));
  quotas_.Put(FromText<accounts::v1::PoolQuotas>(kPool));
  for (const char* path : {"/backend-api/wham/usage", "/api/codex/usage", "/wham/usage", "/backend-api/codex/usage"}) {
    const auto usage = Serve("GET", path);
    EXPECT_EQ(usage->status, 200) << path;
    EXPECT_THAT(usage->output, HasSubstr(R"("plan_type":"plus")")) << path;
    EXPECT_THAT(usage->output, HasSubstr(R"("primary_window":{"used_percent":40,"limit_window_seconds":18000)"))
        << path;
  }
  EXPECT_THAT(Serve("GET", "/v1/usage")->output, HasSubstr(R"("used_percent":40.6,"remaining_percent":59.4)"));
  EXPECT_THAT(Serve("GET", "/wham/rate-limit-reset-credits")->output, HasSubstr(R"("available_count":0)"));
  EXPECT_THAT(Serve("POST", "/api/codex/rate-limit-reset-credits/consume", {}, "{}")->output, HasSubstr("no_credit"));
}

TEST_F(QuotaHandlerTest, ShowsQuotaAsTheKeySays) {
  const char* kPool = R"(pools { provider: "codex" has_room: true
                           windows { used_percent: 40 length { seconds: 18000 } resets_at { seconds: 90000 } } })";
  quotas_.Put(FromText<accounts::v1::PoolQuotas>(kPool));
  const auto with = [&](accounts::v1::QuotaView view) {
    accounts::v1::ClientKeyUpdate update;
    update.mutable_upsert()->set_id("ck_1");
    update.mutable_upsert()->add_secrets()->set_sha256(Sha256(kKey));
    update.mutable_upsert()->set_quota_view(view);
    auth_.Apply(update);
    return Serve("GET", "/wham/usage")->output;
  };
  EXPECT_THAT(with(accounts::v1::QUOTA_VIEW_NONE), HasSubstr(R"("rate_limit":null)"));
  EXPECT_THAT(with(accounts::v1::QUOTA_VIEW_OWN), HasSubstr(R"("rate_limit":null)"))
      << "a key has no limits of its own";
  EXPECT_THAT(with(accounts::v1::QUOTA_VIEW_UPSTREAM), HasSubstr(R"("rate_limit":null)")) << "nobody was asked yet";
  quotas_.Learn(
      "ck_1", "codex",
      FromText<inference::v1::RateLimits>(
          R"(plan: "pro" windows { name: "primary" used_percent: 7 length { seconds: 18000 } resets_at { seconds: 90000 } })"));
  EXPECT_THAT(Serve("GET", "/wham/usage")->output, HasSubstr(R"("used_percent":7,)"));
  EXPECT_THAT(with(accounts::v1::QUOTA_VIEW_UNSPECIFIED), HasSubstr(R"("used_percent":40,)"));
  quotas_.SetDefaultView("none");
  EXPECT_THAT(Serve("GET", "/wham/usage")->output, HasSubstr(R"("rate_limit":null)"));
}

TEST_F(QuotaHandlerTest, AsksTheProviderForTheQuotaOfACallersOwnLogin) {
  quotas_.Put(FromText<accounts::v1::PoolQuotas>(R"(pools { provider: "codex" callers_account: "acc_c" })"));
  const auto usage =
      Serve("GET", "/backend-api/wham/usage",
            {{"Authorization", "Bearer own.login.token"}, {"x-patchbay-key", kKey}, {"chatgpt-account-id", "acc-1"}});
  EXPECT_THAT(usage->output, HasSubstr(R"({"plan_type":"team"})"));
  EXPECT_EQ(asked_.account(), "acc_c");
  EXPECT_EQ(asked_.login().access_token(), "own.login.token");
  EXPECT_EQ(asked_.login().provider_account_id(), "acc-1");
}

}  // namespace
}  // namespace patchbay::frontend
