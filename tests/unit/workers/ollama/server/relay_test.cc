#include "workers/ollama/server/relay.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/ollama/server/server_testing.h"

namespace patchbay::ollama {
namespace {

using gateway::v1::HttpPiece;

class RelayTest : public BridgeTest {
 protected:
  void Answers(const std::vector<std::string>& pieces, Result<void> ended = {}) {
    for (const auto& piece : pieces) gateway_.pieces->messages.push_back(FakeGateway::Of<HttpPiece>(piece));
    gateway_.pieces->ended = std::move(ended);
  }
};

TEST_F(RelayTest, PassesBytesThrough) {
  Answers({R"pb(head {
                  status: 200
                  headers { name: "content-type" value: "text/event-stream" }
                }
                body: "a")pb",
           R"pb(body: "b")pb", R"pb(body: "c" last: true)pb"});
  const auto exchange = Ask("POST", "/v1/chat/completions", "{}");
  EXPECT_EQ(exchange->status, 200);
  EXPECT_EQ(exchange->headers["content-type"], "text/event-stream");
  EXPECT_EQ(exchange->output, "abc");
  EXPECT_TRUE(exchange->finished);
  EXPECT_EQ(gateway_.relayed_head.target(), "/v1/chat/completions");
  EXPECT_EQ(gateway_.relayed_body, "{}");
}

TEST_F(RelayTest, TakesTheTagOutOfAName) {
  Answers({R"pb(head { status: 200 }
                last: true)pb"});
  Ask("POST", "/v1/messages", R"({ "model" : "m:latest", "messages": [{"content": "n:latest"}]})");
  EXPECT_EQ(gateway_.relayed_body, R"({ "model" : "m", "messages": [{"content": "n:latest"}]})");
}

TEST_F(RelayTest, LeavesTheTagOfAModelThatIsCalledSo) {
  gateway_.models = FakeGateway::Of<gateway::v1::ListModelsReply>("models { id: 'm:latest' }");
  Answers({R"pb(head { status: 200 }
                last: true)pb"});
  Ask("POST", "/v1/messages", R"({"model":"m:latest"})");
  EXPECT_EQ(gateway_.relayed_body, R"({"model":"m:latest"})");
}

TEST_F(RelayTest, PassesErrorsThrough) {
  Answers({R"pb(head { status: 404 }
                body: "no"
                last: true)pb"});
  const auto exchange = Ask("GET", "/v1/models/x");
  EXPECT_EQ(exchange->status, 404);
  EXPECT_EQ(exchange->output, "no");
}

TEST_F(RelayTest, KeepsCredentialsAndTheWayHereToItself) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/v1/x?y=1";
  request.headers = {{"Authorization", "Bearer theirs"},
                     {"X-Api-Key", "theirs"},
                     {"Host", "localhost"},
                     {"Origin", "app://x"},
                     {"Connection", "close"},
                     {"Content-Length", "5"},
                     {"Content-Encoding", "gzip"},
                     {"anthropic-version", "1"},
                     {"X-Patchbay-Key", "theirs"}};
  const auto head = RelayedHead(request);
  EXPECT_EQ(head.target(), "/v1/x?y=1");
  ASSERT_EQ(head.headers_size(), 1);
  EXPECT_EQ(head.headers(0).name(), "anthropic-version");
}

TEST_F(RelayTest, CutsAnAnswerThatWasCut) {
  Answers({R"pb(head { status: 200 }
                body: "a")pb"},
          Error(ErrorCode::kUnavailable, "gone"));
  const auto exchange = Ask("POST", "/v1/messages", "{}");
  EXPECT_TRUE(exchange->aborted);
  EXPECT_FALSE(exchange->finished);
}

TEST_F(RelayTest, SaysWhenTheGatewayIsAway) {
  Answers({}, Error(ErrorCode::kUnavailable, "gone"));
  EXPECT_EQ(Ask("GET", "/v1/models")->status, 503);
  gateway_.away = true;
  EXPECT_EQ(Ask("GET", "/v1/models")->output, R"({"error":"the gateway is away"})");
}

TEST_F(RelayTest, EndsTheExchangeOfAClientThatLeaves) {
  Answers({R"pb(head { status: 200 }
                body: "a")pb",
           R"pb(body: "b")pb", R"pb(body: "c" last: true)pb"});
  Ask("POST", "/v1/messages", "{}", {}, "b");
  EXPECT_TRUE(gateway_.pieces->cancelled);
  EXPECT_EQ(gateway_.pieces->received, 2);
}

}  // namespace
}  // namespace patchbay::ollama
