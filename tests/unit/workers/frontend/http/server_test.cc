// The HTTP face, from a request's head to the bytes of its answer, with fakes on every side.
#include "workers/frontend/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lib/base/sha256.h"
#include "tests/unit/workers/frontend/http/server_testing.h"

namespace patchbay::frontend {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kChat =
    R"({"model":"gpt-5.5","stream":true,"max_tokens":5,"store":true,"messages":[{"role":"user","content":"Hi"}]})";
constexpr const char* kWholeChat = R"({"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}]})";
constexpr const char* kProviderHead = R"(head { status: 200
    headers { name: "x-models-etag" value: "W/1" }
    headers { name: "content-type" value: "text/event-stream" }
    headers { name: "x-request-id" value: "theirs" }
    ignored: "max_output_tokens" ignored: "service_tier" })";
constexpr const char* kStop = R"(events { events { finished { reason: FINISH_REASON_STOP } } })";

TEST_F(ServerTest, AsksForAKeyByTheListenersRule) {
  const std::map<std::string, std::string> strange = {{"Authorization", "Bearer not-ours"}};
  EXPECT_EQ(Serve("GET", "/v1/models", strange)->status, 401);
  listener_ = 1;
  EXPECT_EQ(Serve("GET", "/v1/models", strange)->status, 200);
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Authorization", ""}})->status, 200);
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Host", "evil.example"}})->status, 403);
}

TEST_F(ServerTest, AnswersTheLookupsOfAChatGptLogin) {
  const std::map<std::string, std::string> login = {{"chatgpt-account-id", "acc-1"}};
  EXPECT_EQ(Serve("GET", "/backend-api/wham/accounts/check", login)->status, 400) << "in clear";
  secure_ = true;
  const auto workspaces = Serve("GET", "/backend-api/wham/accounts/check", login);
  EXPECT_EQ(workspaces->status, 200);
  EXPECT_THAT(workspaces->output, HasSubstr(R"("id":"acc-1")"));
  EXPECT_THAT(workspaces->output, HasSubstr(R"("workspace_backend_origin":"https://127.0.0.1:8080")"));
  for (const char* path : {"/backend-api/wham/settings/user", "/backend-api/ps/plugins/installed",
                           "/backend-api/ps/plugins/tooling-state/x", "/backend-api/ps/plugins/suggested/x",
                           "/backend-api//ps/plugins/installed"}) {
    EXPECT_EQ(Serve("GET", path, login)->status, 200) << path;
    EXPECT_EQ(Serve("GET", path, {{"Authorization", "Bearer not-ours"}})->status, 401) << path;
  }
  EXPECT_EQ(Serve("GET", "/backend-api/wham/tasks", login)->status, 404);
}

TEST_F(ServerTest, ReadsASmallMessageToTheServerOfToolsAndNoLargeOne) {
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  const auto answered = Serve("POST", "/backend-api/ps/mcp", {{"Authorization", ""}, {"Content-Length", "46"}}, body);
  EXPECT_EQ(answered->status, 200);
  EXPECT_THAT(answered->output, HasSubstr(R"("tools":[])"));
  for (const char* length : {"65537", ""}) {
    const auto refused = Serve("POST", "/backend-api/ps/mcp", {{"Content-Length", length}}, body);
    EXPECT_EQ(refused->status, 413);
    EXPECT_FALSE(refused->body_read);
  }
}

TEST_F(ServerTest, StreamsAChatCompletion) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText, kStop, "end { }"});
  const auto exchange = Chat();
  EXPECT_EQ(exchange->status, 200);
  EXPECT_THAT(exchange->headers["content-type"], StartsWith("text/event-stream"));
  EXPECT_THAT(exchange->headers["x-request-id"], StartsWith("req_"));
  EXPECT_EQ(exchange->headers["x-patchbay-ignored"], "store, max_tokens, service_tier");
  EXPECT_EQ(exchange->headers["x-provider-request-id"], "theirs");
  EXPECT_EQ(exchange->headers["x-models-etag"], "W/1");
  EXPECT_THAT(exchange->output, HasSubstr(R"("content":"Hello")"));
  EXPECT_THAT(exchange->output, ::testing::EndsWith("data: [DONE]\n\n"));
  EXPECT_TRUE(exchange->finished);
  EXPECT_EQ(leaser_.acquired.at(0).client_key_id(), "ck_1");
  EXPECT_EQ(leaser_.settled.at(0).dialect(), "openai_chat");
}

TEST_F(ServerTest, AnswersWholeWhenNoStreamIsAskedFor) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText, kStop, "end { }"});
  const auto exchange =
      Serve("POST", "/v1/chat/completions", {}, R"({"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(exchange->status, 200);
  EXPECT_EQ(exchange->headers["content-type"], "application/json");
  EXPECT_THAT(exchange->output, HasSubstr(R"("object":"chat.completion")"));
  EXPECT_EQ(exchange->writes, 0);
}

TEST_F(ServerTest, GivesAProviderASessionWhenTheClientHasNone) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText, kStop, "end { }"});
  Chat();
  const auto& open = upstream_.calls.at(0)->sent.at(0).open();
  EXPECT_EQ(open.session_id().size(), 36u);
  EXPECT_EQ(open.canonical().cache().session_id(), open.session_id());
}

TEST_F(ServerTest, AnswersAnErrorWithItsStatusBeforeAnyOutput) {
  leaser_.WillDeny(accounts::v1::DENY_REASON_NO_ACCOUNT);
  const auto exchange = Chat();
  EXPECT_EQ(exchange->status, 503);
  EXPECT_THAT(exchange->output, HasSubstr("no_account_available"));
}

TEST_F(ServerTest, EndsABrokenStreamWithAnErrorAndNoDone) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText, "end { failure { stage: FAILURE_STAGE_STREAM } }"});
  const auto exchange = Chat();
  EXPECT_EQ(exchange->status, 200);
  EXPECT_THAT(exchange->output, HasSubstr(R"(data: {"error":{)"));
  EXPECT_THAT(exchange->output, Not(HasSubstr("[DONE]")));
  EXPECT_TRUE(exchange->finished);
}

TEST_F(ServerTest, AnswersABrokenWholeAnswerWithAnErrorStatus) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillDeny(accounts::v1::DENY_REASON_ATTEMPTS);
  upstream_.WillAnswer({kProviderHead, kStarted, kText, "end { failure { stage: FAILURE_STAGE_STREAM } }"});
  const auto exchange = Serve("POST", "/v1/chat/completions", {}, kWholeChat);
  EXPECT_EQ(exchange->status, 502);
}

TEST_F(ServerTest, TriesABrokenWholeAnswerElsewhereBecauseNothingOfItHasLeft) {
  leaser_.WillGrant(Grant("l1"));
  leaser_.WillGrant(Grant("l2"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText, "end { failure { stage: FAILURE_STAGE_STREAM } }"});
  upstream_.WillAnswer({kProviderHead, kStarted, kText, kStop, "end { }"});
  const auto exchange = Serve("POST", "/v1/chat/completions", {}, kWholeChat);
  EXPECT_EQ(exchange->status, 200);
  EXPECT_THAT(exchange->output, HasSubstr("Hello"));
}

TEST_F(ServerTest, CancelsTheCallWhenTheClientLeaves) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText}, /*then_silent=*/true);
  Chat(/*leave_after=*/"Hello");
  EXPECT_TRUE(upstream_.calls.at(0)->cancelled);
  EXPECT_EQ(leaser_.settled.at(0).outcome(), accounts::v1::OUTCOME_ABANDONED);
}

TEST_F(ServerTest, SendsCommentsWhileTheProviderIsSilent) {
  passing_ = settings_.heartbeat;
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, kStarted, kText}, /*then_silent=*/true);
  const auto exchange = Chat(/*leave_after=*/"\n\n: keepalive\n: keepalive\n");
  EXPECT_THAT(exchange->output, HasSubstr("Hello"));
}

TEST_F(ServerTest, KeepsASilentClientAliveOnlyOnceTheProviderHasAccepted) {
  passing_ = settings_.total_timeout;
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({}, /*then_silent=*/true);
  const auto exchange = Chat();
  EXPECT_EQ(exchange->status, 504);
  EXPECT_EQ(exchange->writes, 0);
}

constexpr const char* kMessages =
    R"({"model":"gpt-5.5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]})";

TEST_F(ServerTest, StreamsMessagesWithPingsWhileTheProviderIsSilent) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({"head { status: 200 }", R"(events { events { started {} } })"}, true);
  passing_ = settings_.heartbeat;
  const auto exchange =
      Serve("POST", "/v1/messages", {}, kMessages, "event: ping\ndata: {\"type\":\"ping\"}\n\nevent: ping");
  EXPECT_NE(exchange->output.find("event: message_start"), std::string::npos);
  EXPECT_EQ(exchange->output.find(": keepalive"), std::string::npos);
}

TEST_F(ServerTest, AnswersAnthropicsClientsInTheirShape) {
  const auto missing = Serve("GET", "/v1/nothing", {{"anthropic-version", "2023-06-01"}, {"x-request-id", "req-9"}});
  EXPECT_EQ(missing->status, 404);
  EXPECT_NE(missing->output.find(R"({"type":"error","error":{"type":"not_found_error")"), std::string::npos);
  EXPECT_NE(missing->output.find(R"("request_id":"req-9")"), std::string::npos);
  EXPECT_EQ(missing->headers["request-id"], "req-9");
  const auto bad = Serve("POST", "/v1/messages", {}, "{}");
  EXPECT_EQ(bad->status, 400);
  EXPECT_NE(bad->output.find("invalid_request_error"), std::string::npos);
}

TEST_F(ServerTest, CountsTokensWithoutAnyAccount) {
  const auto counted = Serve("POST", "/v1/messages/count_tokens", {},
                             R"({"model":"gpt-5.5","messages":[{"role":"user","content":"Hello there"}]})");
  EXPECT_EQ(counted->status, 200);
  EXPECT_EQ(counted->output.rfind("{\"input_tokens\":", 0), 0u);
  EXPECT_EQ(Serve("POST", "/v1/chat/completions/count_tokens")->status, 404);
  EXPECT_EQ(Serve("POST", "/v1/messages/count_tokens", {}, "[]")->status, 400);
}

TEST_F(ServerTest, RelaysResponsesByteForByteToCodex) {
  const std::string stream =
      "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n"
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n";
  upstream::v1::CallReply chunk;
  // An account's quota is the operator's to show: nothing is known of this pool's.
  chunk.set_chunk(stream + "event: codex.rate_limits\ndata: {\"type\":\"codex.rate_limits\"}\n\n");
  std::string text;
  google::protobuf::TextFormat::PrintToString(chunk, &text);
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, text, "end { }"});
  const auto exchange = Serve("POST", "/v1/responses", {{"originator", "codex_cli_rs"}, {"x-codex-turn-state", "ts"}},
                              R"({"model":"gpt-5.5","instructions":"i","input":[],"store":false,"stream":true})");
  EXPECT_EQ(exchange->output, stream);
  const auto& open = upstream_.calls.at(0)->sent.at(0).open();
  ASSERT_EQ(open.forwarded_headers_size(), 1);
  EXPECT_EQ(open.forwarded_headers(0).value(), "ts");
  EXPECT_EQ(leaser_.acquired.at(0).dialect(), "openai_responses");
  EXPECT_FALSE(leaser_.acquired.at(0).needs_relay());
}

TEST_F(ServerTest, MarksTheHeadOfARequestThatIsMarkedInItsBody) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, "end { }"});
  Serve("POST", "/v1/responses", {{"originator", "my_editor"}},
        R"({"model":"gpt-5.5","input":[],"store":false,"stream":true,)"
        R"("client_metadata":{"ws_request_header_x_openai_internal_codex_responses_lite":"true"}})");
  const auto& open = upstream_.calls.at(0)->sent.at(0).open();
  ASSERT_EQ(open.forwarded_headers_size(), 1);
  EXPECT_EQ(open.forwarded_headers(0).name(), "x-openai-internal-codex-responses-lite");
  EXPECT_EQ(open.forwarded_headers(0).value(), "true");
}

TEST_F(ServerTest, RelaysASearchAsOneDocument) {
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillAnswer({kProviderHead, R"(chunk: "{\"output\":")", R"(chunk: "\"x\"}" end { })"});
  const auto exchange = Serve("POST", "/backend-api/codex/alpha/search", {}, R"({"id":"t1","model":"gpt-5.5"})");
  EXPECT_EQ(exchange->status, 200);
  EXPECT_EQ(exchange->output, R"({"output":"x"})");
  EXPECT_EQ(exchange->headers.at("content-type"), "application/json");
  EXPECT_EQ(upstream_.calls.at(0)->sent.at(0).open().raw().dialect(), "openai_search");
}

TEST_F(ServerTest, SearchesOnTheAccountOfTheThread) {
  for (int i = 0; i < 2; ++i) {
    leaser_.WillGrant(Grant("l1"));
    upstream_.WillAnswer({kProviderHead, R"(chunk: "{}" end { })"});
  }
  Serve("POST", "/v1/alpha/search", {}, R"({"id":"t1","model":"gpt-5.5"})");
  Serve("POST", "/v1/responses", {{"originator", "codex_exec"}, {"thread-id", "t1"}},
        R"({"model":"gpt-5.5","input":[],"store":false,"stream":true})");
  EXPECT_EQ(leaser_.acquired.at(0).affinity_key(), leaser_.acquired.at(1).affinity_key());
}

TEST_F(ServerTest, RefusesABadKeyBeforeReadingTheBody) {
  for (const char* key : {"Bearer wrong", "Basic x", ""}) {
    const auto exchange = Serve("POST", "/v1/chat/completions", {{"Authorization", key}}, kChat);
    EXPECT_EQ(exchange->status, 401) << key;
    EXPECT_THAT(exchange->output, HasSubstr("invalid_api_key"));
    EXPECT_FALSE(exchange->body_read);
  }
}

TEST_F(ServerTest, TakesTheKeyFromTheHeadersThatClientsUse) {
  for (const char* name : {"x-api-key", "api-key"}) {
    EXPECT_EQ(Serve("GET", "/v1/models", {{"Authorization", ""}, {name, kKey}})->status, 200) << name;
  }
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Authorization", std::string("bearer ") + kKey}})->status, 200);
}

TEST_F(ServerTest, ForgetsARevokedKeyAtOnce) {
  accounts::v1::ClientKeyUpdate update;
  update.set_removed("ck_1");
  auth_.Apply(update);
  EXPECT_EQ(Serve("GET", "/v1/models")->status, 401);
}

TEST_F(ServerTest, ListsModels) {
  EXPECT_EQ(Serve("GET", "/v1/models")->output,
            R"({"object":"list","data":[{"id":"gpt-5.5","object":"model","created":5,"owned_by":"openai"}]})");
  EXPECT_EQ(Serve("GET", "/v1/models/gpt-5.5")->status, 200);
  EXPECT_EQ(Serve("GET", "/v1/models/none")->status, 404);
}

TEST_F(ServerTest, SaysWhetherItIsAliveAndReady) {
  EXPECT_EQ(Serve("GET", "/health", {{"Authorization", ""}})->status, 200);
  EXPECT_EQ(Serve("GET", "/ready", {{"Authorization", ""}})->status, 200);
  reasons_ = {"accounts is not reachable"};
  const auto exchange = Serve("GET", "/ready");
  EXPECT_EQ(exchange->status, 503);
  EXPECT_THAT(exchange->output, HasSubstr("accounts is not reachable"));
}

TEST_F(ServerTest, AnswersToWhereItListensWhateverIsConfigured) {
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Host", "192.0.2.1:8080"}})->status, 200);
  const Settings moved = SettingsFrom(testing::Configured(R"pb(frontend { listen: "192.0.2.2:8080" })pb"));
  EXPECT_TRUE(listeners_.Apply(moved.listeners).ok());
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Host", "192.0.2.1:8080"}})->status, 200);
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Host", "192.0.2.2:8080"}})->status, 403) << "that is for the next start";
}

TEST_F(ServerTest, RefusesForeignHostsAndOrigins) {
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Host", "evil.example"}})->status, 403);
  EXPECT_EQ(Serve("GET", "/v1/models", {{"Origin", "https://evil.example"}})->status, 403);
  const auto exchange = Serve("GET", "/v1/models", {{"Origin", "https://app.example"}});
  EXPECT_EQ(exchange->status, 200);
  EXPECT_EQ(exchange->headers["access-control-allow-origin"], "https://app.example");
  // The SDKs in a browser read this one to know whether to try again.
  EXPECT_THAT(exchange->headers["access-control-expose-headers"], HasSubstr("x-should-retry"));
}

TEST_F(ServerTest, AnswersAPreflight) {
  const auto exchange = Serve(
      "OPTIONS", "/v1/chat/completions",
      {{"Authorization", ""}, {"Origin", "https://app.example"}, {"Access-Control-Request-Headers", "authorization"}});
  EXPECT_EQ(exchange->status, 204);
  EXPECT_EQ(exchange->headers["access-control-allow-headers"], "authorization");
}

TEST_F(ServerTest, DeclinesAnUpgradeInTheWordsOfTheDialect) {
  const auto plain = Serve("GET", "/v1/responses");
  EXPECT_EQ(plain->status, 405);
  const auto declined = Serve("GET", "/v1/responses", {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}});
  EXPECT_EQ(declined->status, 426);
  EXPECT_EQ(declined->headers["content-type"], "application/json");
  EXPECT_THAT(declined->output, HasSubstr(R"("code":"websocket_disabled")"));
}

TEST_F(ServerTest, AnswersUnknownPathsAndMethodsInOpenAisShape) {
  const auto missing = Serve("GET", "/v1/nothing");
  EXPECT_EQ(missing->status, 404);
  EXPECT_THAT(missing->output, HasSubstr(R"({"error":{)"));
  const auto method = Serve("GET", "/v1/chat/completions");
  EXPECT_EQ(method->status, 405);
  EXPECT_EQ(method->headers["allow"], "POST, OPTIONS");
}

TEST_F(ServerTest, KeepsTheClientsRequestIdWhenItIsOne) {
  EXPECT_EQ(Serve("GET", "/health", {{"x-request-id", "my-id.1"}})->headers["x-request-id"], "my-id.1");
  EXPECT_THAT(Serve("GET", "/health", {{"x-request-id", "not an id"}})->headers["x-request-id"], StartsWith("req_"));
}

TEST_F(ServerTest, NamesThePlaceOfWhatIsWrong) {
  const auto exchange =
      Serve("POST", "/v1/chat/completions", {}, R"({"model":"m","messages":[{"role":"user","content":5}]})");
  EXPECT_EQ(exchange->status, 400);
  EXPECT_THAT(exchange->output, HasSubstr(R"("param":"/messages/0/content")"));
}

}  // namespace
}  // namespace patchbay::frontend
