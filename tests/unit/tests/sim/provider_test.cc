#include "tests/sim/provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/sim/control.h"
#include "tests/unit/tests/sim/request_builder.h"

namespace patchbay::sim {
namespace {

using testing::HasSubstr;

class ProviderTest : public testing::Test {
 protected:
  static constexpr std::string_view kPath = "/backend-api/codex/responses";

  Plan Ask(std::string_view text) { return Ask(MinimalBody(text)); }
  Plan Ask(const json::object& body) {
    Request request = SignedRequest("POST", kPath);
    request.body = json::serialize(body);
    return provider_.Handle(request, true);
  }
  Request SignedRequest(std::string_view method, std::string_view target) {
    authorization_ = "Bearer " + account_->access_token;
    Request request;
    request.method = method;
    request.target = target;
    request.headers = {{"Authorization", authorization_},
                       {"ChatGPT-Account-ID", account_->id},
                       {"originator", "codex_cli_rs"},
                       {"User-Agent", "codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) unknown"},
                       {"version", "0.171.0"},
                       {"Accept-Encoding", "zstd,gzip"},
                       {"Content-Type", "application/json"}};
    return request;
  }
  unsigned StatusWithout(std::string_view header) {
    Request request = SignedRequest("POST", kPath);
    request.body = json::serialize(MinimalBody());
    std::erase_if(request.headers, [&](const auto& field) { return field.first == header; });
    return provider_.Handle(request, true).reply.status;
  }
  json::value Tell(std::string_view method, const std::string& target, const json::object& body = {}) {
    Request request;
    request.method = method;
    request.target = target;
    request.body = json::serialize(body);
    return json::parse(control_.Handle(request, false).reply.body);
  }
  Plan Refresh(const std::string& token) {
    Request request;
    request.method = "POST";
    request.target = "/oauth/token";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = json::serialize(json::object{
        {"client_id", "app_EMoamEEZ73f0CkXaXp7hrann"}, {"grant_type", "refresh_token"}, {"refresh_token", token}});
    return provider_.Handle(request, true);
  }

  Provider provider_{64, 1 << 20};
  Control control_{provider_};
  std::string authorization_;
  Account* account_ = provider_.accounts().Create({"a", "plus", 1000}, std::time(nullptr));
};

TEST_F(ProviderTest, StreamsAnAnswerWithTheAccountsWindowsInItsHeaders) {
  const Plan plan = Ask("hi");
  EXPECT_TRUE(plan.streams);
  EXPECT_EQ(plan.reply.status, 200u);
  for (const char* header :
       {"x-codex-primary-used-percent: 12\r\n", "x-codex-secondary-window-minutes: 10080\r\n",
        "set-cookie: __cf_bm=", "set-cookie: _cfuvid=", "x-request-id: req_", "cf-ray: ", "server: cloudflare\r\n"}) {
    EXPECT_THAT(plan.reply.header_lines, HasSubstr(header));
  }
}

TEST_F(ProviderTest, AnswersAMissingHeaderAsItsLayerWould) {
  EXPECT_EQ(StatusWithout(""), 200u);
  EXPECT_EQ(StatusWithout("Authorization"), 401u);
  EXPECT_EQ(StatusWithout("ChatGPT-Account-ID"), 401u);
  EXPECT_EQ(StatusWithout("originator"), 403u);
  EXPECT_EQ(StatusWithout("User-Agent"), 403u);
  EXPECT_EQ(StatusWithout("version"), 403u);
  EXPECT_EQ(StatusWithout("Accept-Encoding"), 403u);
  EXPECT_EQ(StatusWithout("Content-Type"), 415u);
}

TEST_F(ProviderTest, ShowsTheChallengePageToRobots) {
  Request request = SignedRequest("GET", "/backend-api/wham/usage");
  request.headers.resize(2);
  const Plan plan = provider_.Handle(request, true);
  EXPECT_EQ(plan.reply.status, 403u);
  EXPECT_THAT(plan.reply.header_lines, HasSubstr("cf-mitigated: challenge\r\n"));
  EXPECT_THAT(plan.reply.body, HasSubstr("Just a moment..."));
}

TEST_F(ProviderTest, AnswersASearchAndSummaries) {
  const auto ask = [&](std::string_view target, std::string body) {
    Request request = SignedRequest("POST", target);
    request.headers.emplace_back("Accept", "*/*");
    request.body = std::move(body);
    return provider_.Handle(request, true);
  };
  const std::string_view search = "/backend-api/codex/alpha/search";
  Plan plan = ask(search, R"({"id":"t","model":"gpt-5.5","commands":{"search_query":[{"q":"oslo"}]}})");
  EXPECT_EQ(plan.reply.status, 200u);
  EXPECT_THAT(plan.reply.body, HasSubstr(R"("output":"Results for: oslo")"));
  EXPECT_EQ(ask(search, R"({"model":"gpt-5.5"})").reply.status, 400u);
  EXPECT_EQ(ask(search, R"({"id":"t","model":"gpt-1"})").reply.status, 400u);
  EXPECT_EQ(ask(search, R"({"id":"t","model":"gpt-5.5","store":false})").reply.status, 400u);
  EXPECT_EQ(
      ask(search, R"({"id":"t","model":"gpt-5.5","commands":{"search_query":[{"q":"[[sim:404]]"}]}})").reply.status,
      404u);
  plan = ask(search, R"({"id":"t","model":"gpt-5.5","commands":{"search_query":[{"q":"[[sim:cut]]"}]}})");
  ASSERT_EQ(plan.script.marks.size(), 1u);
  EXPECT_LT(plan.script.marks[0].offset, plan.script.bytes.size());
  const std::string_view memories = "/backend-api/codex/memories/trace_summarize";
  EXPECT_THAT(ask(memories, R"({"model":"gpt-5.5","traces":[{"id":"1","items":[]}]})").reply.body,
              HasSubstr("trace_summary"));
  EXPECT_EQ(ask(memories, R"({"model":"gpt-5.5"})").reply.status, 400u);
}

TEST_F(ProviderTest, CompressesWhatItIsAskedTo) {
  const Plan plan = Ask("[[sim:text encoding=gzip events=3]]");
  EXPECT_THAT(plan.reply.header_lines, HasSubstr("content-encoding: gzip\r\n"));
  EXPECT_EQ(plan.script.bytes.substr(0, 2), "\x1f\x8b");
}

TEST_F(ProviderTest, RefusesATokenForAnotherAccount) {
  const std::string other = provider_.accounts().Create({}, std::time(nullptr))->id;
  Request request = SignedRequest("POST", kPath);
  request.headers[1].second = other;
  request.body = json::serialize(MinimalBody());
  EXPECT_EQ(provider_.Handle(request, true).reply.status, 403u);
}

TEST_F(ProviderTest, RefusesBodiesThatAreNotJson) {
  for (const char* body : {"", "{", "{\"model\":\"\xff\"}", "[1,2"}) {
    Request request = SignedRequest("POST", kPath);
    request.body = body;
    EXPECT_EQ(provider_.Handle(request, true).reply.status, 400u) << body;
  }
}

TEST_F(ProviderTest, PlaysAnAccountsScenarioAsOftenAsItWasTold) {
  Tell("POST", "/control/accounts/" + account_->id + "/scenario", {{"name", "503"}, {"count", 2}});
  EXPECT_EQ(Ask("hi").reply.status, 503u);
  EXPECT_EQ(Ask("[[sim:text seq=1]]").reply.status, 503u);
  EXPECT_EQ(Ask("hi").reply.status, 200u);
}

TEST_F(ProviderTest, SaysWhenTheLimitResets) {
  const Plan plan = Ask("[[sim:429 kind=usage_limit_reached resets_in=600]]");
  EXPECT_EQ(plan.reply.status, 429u);
  EXPECT_THAT(plan.reply.body, HasSubstr("\"resets_in_seconds\":600"));
  EXPECT_THAT(plan.reply.header_lines, HasSubstr("x-codex-primary-used-percent: 100\r\n"));
  EXPECT_THAT(plan.reply.header_lines, HasSubstr("x-codex-primary-reset-after-seconds: 600\r\n"));
  EXPECT_THAT(plan.reply.header_lines, HasSubstr("x-codex-rate-limit-reached-type: rate_limit_reached\r\n"));
}

TEST_F(ProviderTest, ExhaustsAnAccountWhoseRequestsUseUpItsWindow) {
  Tell("POST", "/control/accounts/" + account_->id + "/usage",
       {{"primary_used", 99}, {"per_request", 0.5}, {"primary_reset_in", 900}});
  EXPECT_EQ(Ask("hi").reply.status, 200u);
  EXPECT_EQ(Ask("hi").reply.status, 200u);
  EXPECT_THAT(Ask("hi").reply.body, HasSubstr("usage_limit_reached"));
}

TEST_F(ProviderTest, RotatesRefreshTokens) {
  const std::string first = account_->refresh_token;
  const Plan plan = Refresh(first);
  EXPECT_EQ(plan.reply.status, 200u);
  EXPECT_EQ(json::parse(plan.reply.body).at("refresh_token").as_string(), account_->refresh_token);
  EXPECT_EQ(Refresh(first).reply.status, 401u);
  EXPECT_THAT(Refresh(first).reply.body, HasSubstr("\"code\":\"refresh_token_reused\""));
  EXPECT_EQ(Refresh("rt_unknown").reply.status, 400u);
}

TEST_F(ProviderTest, LosesARotationWhenToldTo) {
  Tell("POST", "/control/accounts/" + account_->id + "/scenario", {{"name", "refresh_lost"}, {"count", 1}});
  const std::string first = account_->refresh_token;
  EXPECT_EQ(Refresh(first).mishap, Mishap::kDrop);
  EXPECT_NE(account_->refresh_token, first);
  EXPECT_EQ(Ask("hi").reply.status, 200u);  // the scenario was the token endpoint's alone
}

TEST_F(ProviderTest, LogsWhatItReceivedWithoutTheToken) {
  (void)Ask("look at this");
  const json::value log = Tell("GET", "/control/log?since=0");
  const json::value& entry = log.at("entries").at(0);
  EXPECT_EQ(entry.at("account_id").as_string(), account_->id);
  EXPECT_EQ(entry.at("status").as_int64(), 200);
  EXPECT_EQ(entry.at("body").at("model").as_string(), "gpt-5.5");
  const std::string text = json::serialize(log);
  EXPECT_THAT(text, HasSubstr("look at this"));
  EXPECT_THAT(text, HasSubstr("sha256:"));
  EXPECT_EQ(text.find(account_->access_token), std::string::npos);
  EXPECT_TRUE(Tell("GET", "/control/log?since=1").at("entries").as_array().empty());
}

TEST_F(ProviderTest, HandsOutALoginAsTheCodexCliKeepsIt) {
  const json::value file = Tell("GET", "/control/accounts/" + account_->id + "/auth.json");
  EXPECT_EQ(file.at("tokens").at("refresh_token").as_string(), account_->refresh_token);
  EXPECT_EQ(file.at("tokens").at("account_id").as_string(), account_->id);
}

TEST_F(ProviderTest, HidesNewModelsFromOldClients) {
  const auto count = [&](std::string_view version) {
    const std::string target = "/backend-api/codex/models?client_version=" + std::string(version);
    Request request = SignedRequest("GET", target);
    return json::parse(provider_.Handle(request, true).reply.body).at("models").as_array().size();
  };
  EXPECT_EQ(count("0.144.0"), 14u);
  EXPECT_EQ(count("0.143.9"), 4u);
}

TEST_F(ProviderTest, SaysWhatATestHasScripted) {
  json::object body = MinimalBody("[[sim:refusal]]");
  body["tools"] = json::parse(R"([{"type":"function","name":"Bash","strict":false,
                                   "parameters":{"type":"object","properties":{}}}])");
  Tell("POST", "/control/replies",
       json::parse(R"({"replies":[
    {"output":[{"text":"later"}],"body_has":"no request has this"},
    {"output":[{"reasoning":"hm \"x\""},{"text":"Looking."},{"function":"Bash","arguments":{"command":"ls"}}]},
    {"output":[{"text":"cut"}],"name":"status","code":503}]})")
           .as_object());
  const Plan plan = Ask(body);
  EXPECT_THAT(plan.script.bytes, HasSubstr(R"("summary":[{"type":"summary_text","text":"hm \"x\""}])"));
  EXPECT_THAT(plan.script.bytes, HasSubstr(R"("text":"Looking.")"));
  EXPECT_THAT(plan.script.bytes, HasSubstr(R"("arguments":"{\"command\":\"ls\"}")"));
  EXPECT_EQ(plan.entry->scenario, "scripted");
  EXPECT_EQ(Ask(body).reply.status, 503u);
  EXPECT_EQ(Ask(body).entry->scenario, "refusal");
  EXPECT_EQ(Tell("GET", "/control/replies").at("waiting"), 1);
  Tell("POST", "/control/reset");
  EXPECT_EQ(Tell("GET", "/control/replies").at("waiting"), 0);
}

TEST_F(ProviderTest, RefusesAScriptedCallOfAToolThatIsNotOffered) {
  Tell("POST", "/control/replies", json::parse(R"({"replies":[{"output":[{"function":"Bash"}]}]})").as_object());
  const Plan plan = Ask("hi");
  EXPECT_EQ(plan.reply.status, 400u);
  EXPECT_THAT(plan.reply.body, HasSubstr("'Bash'"));
}

TEST_F(ProviderTest, HasNothingElse) {
  Request request = SignedRequest("GET", "/backend-api/other");
  EXPECT_EQ(provider_.Handle(request, true).reply.status, 404u);
}

TEST(ControlTest, AnswersNonsenseWithAnError) {
  Provider provider(16, 1 << 20);
  Control control(provider);
  for (const auto& [method, target, body, status] :
       std::vector<std::tuple<const char*, const char*, const char*, unsigned>>{
           {"GET", "/nothing", "", 404},
           {"POST", "/control/replies", "{}", 400},
           {"POST", "/control/replies", R"({"replies":[{"output":[{"word":"x"}]}]})", 400},
           {"POST", "/control/replies", R"({"replies":[{"output":[],"name":"nonsense"}]})", 400},
           {"POST", "/control/accounts", "[]", 400},
           {"GET", "/control/accounts/none", "", 404}}) {
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    EXPECT_EQ(control.Handle(request, false).reply.status, status) << target;
  }
}

}  // namespace
}  // namespace patchbay::sim
