#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/sim/control.h"
#include "tests/sim/provider.h"
#include "tests/unit/tests/sim/request_builder.h"

namespace patchbay::sim {
namespace {

class ProviderQuotaTest : public testing::Test {
 protected:
  static constexpr const char* kCredits = "/backend-api/wham/rate-limit-reset-credits";

  Reply Ask(std::string_view method, std::string_view target, const std::string& body = {}) {
    authorization_ = "Bearer " + account_->access_token;
    Request request;
    request.method = method;
    request.target = target;
    request.headers = {
        {"Authorization", authorization_}, {"ChatGPT-Account-ID", account_->id},
        {"originator", "codex_cli_rs"},    {"User-Agent", "codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) unknown"},
        {"Accept-Encoding", "zstd,gzip"},  {"Content-Type", "application/json"}};
    request.body = body;
    return provider_.Handle(request, true).reply;
  }
  json::value Document(std::string_view target) { return json::parse(Ask("GET", target).body); }
  void Set(const json::object& usage) {
    Request request;
    request.method = "POST";
    request.target = target_;
    request.body = json::serialize(usage);
    ASSERT_EQ(control_.Handle(request, false).reply.status, 200u);
  }
  Reply Redeem(const std::string& body) { return Ask("POST", std::string(kCredits) + "/consume", body); }
  std::string CodeOf(const Reply& reply) { return std::string(json::parse(reply.body).at("code").as_string()); }

  Provider provider_{64, 1 << 20};
  Control control_{provider_};
  std::string authorization_;
  Account* account_ = provider_.accounts().Create({"a", "plus", 1000}, std::time(nullptr));
  std::string target_ = "/control/accounts/" + account_->id + "/usage";
};

TEST_F(ProviderQuotaTest, TellsWindowsExtraLimitsAndCredits) {
  Set({{"primary_used", 40},
       {"credits", json::object{{"has_credits", true}, {"unlimited", false}, {"balance", "7.5"}}},
       {"extra", json::array{json::object{{"limit_name", "Spark"},
                                          {"metered_feature", "codex_bengalfox"},
                                          {"model", "gpt-5.3-codex-spark"},
                                          {"primary_used", 100},
                                          {"primary_minutes", 10080},
                                          {"primary_reset_in", 600}}}},
       {"reset_credits", 2}});
  const json::value usage = Document("/backend-api/wham/usage");
  EXPECT_EQ(usage.at("rate_limit").at("primary_window").at("used_percent").as_int64(), 40);
  EXPECT_EQ(usage.at("credits").at("balance").as_string(), "7.5");
  const json::value& extra = usage.at("additional_rate_limits").at(0);
  EXPECT_EQ(extra.at("metered_feature").as_string(), "codex_bengalfox");
  EXPECT_FALSE(extra.at("rate_limit").at("allowed").as_bool());
  EXPECT_EQ(usage.at("rate_limit_reset_credits").at("available_count").as_int64(), 2);
  EXPECT_EQ(Ask("GET", "/backend-api/wham/usage?verbose=1").status, 422u);
}

TEST_F(ProviderQuotaTest, AllowsWhoHasCreditsPastFullWindows) {
  Set({{"primary_used", 100}, {"primary_reset_in", 600}});
  EXPECT_FALSE(Document("/backend-api/wham/usage").at("rate_limit").at("allowed").as_bool());
  Set({{"credits", json::object{{"has_credits", true}, {"unlimited", false}, {"balance", "1"}}}});
  EXPECT_TRUE(Document("/backend-api/wham/usage").at("rate_limit").at("allowed").as_bool());
}

TEST_F(ProviderQuotaTest, RedeemsACreditOnce) {
  const std::string first = R"({"redeem_request_id":"0198c0de-0000-7000-8000-000000000001"})";
  const std::string second = R"({"redeem_request_id":"0198c0de-0000-7000-8000-000000000002"})";
  EXPECT_EQ(CodeOf(Redeem(first)), "no_credit");
  Set({{"primary_used", 100}, {"secondary_used", 0}, {"reset_credits", 1}});
  EXPECT_EQ(Document(kCredits).at("available_count").as_int64(), 1);
  EXPECT_EQ(CodeOf(Redeem(first)), "reset");
  EXPECT_EQ(account_->primary.used_percent, 0);
  EXPECT_EQ(CodeOf(Redeem(first)), "already_redeemed");
  EXPECT_EQ(CodeOf(Redeem(second)), "no_credit");
  EXPECT_EQ(Document(kCredits).at("available_count").as_int64(), 0);
}

TEST_F(ProviderQuotaTest, KeepsTheCreditWhereNothingIsUsed) {
  Set({{"primary_used", 0}, {"secondary_used", 0}, {"reset_credits", 1}});
  EXPECT_EQ(CodeOf(Redeem(R"({"redeem_request_id":"0198c0de-0000-7000-8000-000000000001"})")), "nothing_to_reset");
  EXPECT_EQ(Document(kCredits).at("available_count").as_int64(), 1);
}

TEST_F(ProviderQuotaTest, RefusesRedemptionsOfAnotherShape) {
  EXPECT_EQ(Redeem("[]").status, 400u);
  EXPECT_EQ(Redeem(R"({"redeem_request_id":"once"})").status, 422u);
  EXPECT_EQ(Redeem(R"({"redeem_request_id":"0198c0de-0000-7000-8000-000000000001","all":true})").status, 400u);
}

}  // namespace
}  // namespace patchbay::sim
