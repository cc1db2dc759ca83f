// The public API's face of the simulated provider: keys, streams and documents of Chat Completions and of Responses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/sim/control.h"
#include "tests/sim/provider.h"

namespace patchbay::sim {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ApiTest : public testing::Test {
 protected:
  Plan Ask(std::string_view path, const std::string& body) {
    authorization_ = "Bearer " + account_->api_key;
    Request request;
    request.method = "POST";
    request.target = path;
    request.headers = {{"Authorization", authorization_}, {"Content-Type", "application/json"}};
    request.body = body;
    return provider_.Handle(request, true);
  }
  // A streamed chat about that marker, asked of the model.
  Plan Chat(const std::string& model, const std::string& text, const std::string& members = R"("stream":true)") {
    return Ask("/v1/chat/completions", R"({"model":")" + model + R"(","messages":[{"role":"user","content":")" + text +
                                           R"("}],)" + members + "}");
  }
  Plan Respond(const std::string& text, const std::string& members = R"("stream":true)") {
    return Ask("/v1/responses", R"({"model":"gpt-5.5","input":")" + text + R"(",)" + members + "}");
  }
  unsigned StatusWith(std::vector<std::pair<std::string_view, std::string_view>> headers) {
    Request request;
    request.method = "GET";
    request.target = "/v1/models";
    request.headers = std::move(headers);
    return provider_.Handle(request, true).reply.status;
  }
  // The deltas of a stream, one line each.
  static std::vector<std::string> Deltas(const Plan& plan) {
    std::vector<std::string> deltas;
    for (const std::string_view frame : FramesOf(plan.script.bytes)) {
      if (frame == "[DONE]") {
        deltas.emplace_back(frame);
        continue;
      }
      const json::value chunk = json::parse(frame);
      const json::array& choices = chunk.at("choices").as_array();
      deltas.push_back(choices.empty() ? "usage" : json::serialize(choices[0].at("delta")));
    }
    return deltas;
  }
  static json::value Document(const Plan& plan) { return json::parse(plan.reply.body); }

  Provider provider_{100, 1 << 20};
  Account* account_ = provider_.accounts().Create({"one"}, WallSeconds());
  std::string authorization_;
};

TEST_F(ApiTest, WantsAKey) {
  const std::string good = "Bearer " + account_->api_key;
  EXPECT_EQ(StatusWith({{"Authorization", good}}), 200u);
  EXPECT_EQ(StatusWith({{"api-key", account_->api_key}}), 200u);
  EXPECT_EQ(StatusWith({}), 401u);
  EXPECT_EQ(StatusWith({{"Authorization", "Bearer sk-wrong"}}), 401u);
  EXPECT_EQ(StatusWith({{"Authorization", "Bearer " + account_->access_token}}), 401u);
  provider_.accounts().ReplaceKey(*account_);
  EXPECT_EQ(StatusWith({{"Authorization", good}}), 401u);
}

TEST_F(ApiTest, SaysWhatTheKeyLooksLikeButNotAllOfIt) {
  authorization_ = "Bearer sk-sim-0123456789abcdef";
  Request request;
  request.method = "GET";
  request.target = "/v1/models";
  request.headers = {{"Authorization", authorization_}};
  const Plan plan = provider_.Handle(request, true);
  EXPECT_THAT(plan.reply.body, HasSubstr("Incorrect API key provided: sk-sim-0***"));
  EXPECT_THAT(plan.reply.body, HasSubstr(R"("code":"invalid_api_key")"));
  EXPECT_THAT(plan.reply.body, Not(HasSubstr("123456789")));
}

TEST_F(ApiTest, StreamsChunksWithUsageWhereItIsAskedFor) {
  EXPECT_THAT(Deltas(Chat("gpt-4.1", "[[sim:text seq=1 events=2]]")),
              ElementsAre(R"({"role":"assistant","content":""})", R"({"content":"0 "})", R"({"content":"1 "})", "{}",
                          "[DONE]"));
  EXPECT_THAT(Deltas(Chat("gpt-4.1", "[[sim:text seq=1 events=1]]",
                          R"("stream":true,"stream_options":{"include_usage":true})")),
              ElementsAre(R"({"role":"assistant","content":""})", R"({"content":"0 "})", "{}", "usage", "[DONE]"));
  EXPECT_THAT(Chat("mistral-large-latest", "[[sim:text seq=1 events=1]]").script.bytes,
              HasSubstr(R"("finish_reason":"stop"}],"usage":{"prompt_tokens":)"));
}

TEST_F(ApiTest, ThinksInTheFormOfTheModel) {
  constexpr const char* kMarker = "[[sim:reasoning seq=1 events=1]]";
  EXPECT_THAT(Deltas(Chat("deepseek-v4-pro", kMarker)),
              testing::Contains(R"({"content":null,"reasoning_content":"**Checking the "})"));
  EXPECT_THAT(Deltas(Chat("openai/gpt-oss-120b", kMarker)), testing::Contains(R"({"reasoning":"**Checking the "})"));
  EXPECT_THAT(Chat("z-ai/glm-5.2", kMarker).script.bytes,
              HasSubstr(R"("reasoning_details":[{"type":"reasoning.text","text":"**Checking the ")"));
  EXPECT_THAT(Chat("mistral-large-latest", kMarker).script.bytes,
              HasSubstr(R"({"type":"thinking","thinking":[{"type":"text","text":"**Checking the "}]})"));
  EXPECT_THAT(Deltas(Chat("MiniMax-M3", kMarker)), testing::Contains(R"({"content":"<thi"})"));
  EXPECT_THAT(Deltas(Chat("gpt-4.1", "[[sim:reasoning form=reasoning seq=1]]")),
              testing::Contains(R"({"reasoning":"arithmetic**"})"));
}

TEST_F(ApiTest, CallsToolsWithLiveDeltas) {
  const std::string tools =
      R"("stream":true,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}])";
  const Plan plan = Chat("gpt-4.1", "[[sim:tools n=2 size=1]]", tools);
  EXPECT_THAT(plan.script.bytes, HasSubstr(R"("type":"function","function":{"name":"f","arguments":""}}])"));
  EXPECT_THAT(plan.script.bytes, HasSubstr(R"({"tool_calls":[{"index":1,"function":{"arguments":"}"}}]})"));
  EXPECT_THAT(plan.script.bytes, HasSubstr(R"("finish_reason":"tool_calls")"));
}

TEST_F(ApiTest, AnswersInOneDocumentToWhoDoesNotStream) {
  const json::value answer = Document(Chat("gpt-4.1", "[[sim:text seq=1 events=3]]", R"("stream":false)"));
  EXPECT_EQ(answer.at("object").as_string(), "chat.completion");
  EXPECT_EQ(answer.at("choices").at(0).at("message").at("content").as_string(), "0 1 2 ");
  EXPECT_EQ(answer.at("choices").at(0).at("finish_reason").as_string(), "stop");
  EXPECT_EQ(answer.at("usage").at("completion_tokens").as_int64(), 3);
  const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required")";
  const json::value called = Document(Chat("gpt-4.1", "Go", tools));
  EXPECT_EQ(called.at("choices").at(0).at("message").at("tool_calls").at(0).at("function").at("arguments").as_string(),
            "{}");
  // And to whom it asked to stream, when it is told to.
  const Plan unasked = Chat("gpt-4.1", "[[sim:text document=1]]");
  EXPECT_FALSE(unasked.streams);
  EXPECT_EQ(Document(unasked).at("object").as_string(), "chat.completion");
}

TEST_F(ApiTest, FailsInsideItsStreamsInBothForms) {
  EXPECT_THAT(Chat("gpt-4.1", "[[sim:failed after=1]]").script.bytes,
              HasSubstr(R"("type":"server_error","param":null,"code":"server_error"}})"));
  EXPECT_THAT(Chat("z-ai/glm-5.2", "[[sim:error_event after=1]]").script.bytes,
              HasSubstr(R"("finish_reason":"error"}],"error":{"code":502)"));
}

TEST_F(ApiTest, IsExhaustedByMinutesAndByMoney) {
  account_->primary.used_percent = 100;
  const Plan busy = Chat("gpt-4.1", "x");
  EXPECT_EQ(busy.reply.status, 429u);
  EXPECT_THAT(busy.reply.header_lines, HasSubstr("x-ratelimit-remaining-requests: 0\r\n"));
  EXPECT_THAT(busy.reply.header_lines, HasSubstr("retry-after: "));
  account_->secondary.used_percent = 100;
  EXPECT_THAT(Chat("gpt-4.1", "x").reply.body, HasSubstr("insufficient_quota"));
}

TEST_F(ApiTest, ServesResponsesAsThePublicApiDoes) {
  const std::string system =
      R"({"model":"gpt-4.1","input":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],)"
      R"("temperature":0.2,"max_output_tokens":100,"metadata":{"a":"b"},"stream":true})";
  EXPECT_TRUE(Ask("/v1/responses", system).streams);
  const json::value whole = Document(Respond("[[sim:text seq=1 events=3]]", R"("store":true)"));
  EXPECT_EQ(whole.at("output").at(0).at("content").at(0).at("text").as_string(), "0 1 2 ");
  EXPECT_EQ(whole.at("status").as_string(), "completed");
  EXPECT_THAT(Respond("x", R"("temperature":0.2)").reply.body, HasSubstr("Unsupported parameter: 'temperature'"));
  EXPECT_THAT(Respond("x", R"("max_output_tokens":3)").reply.body, HasSubstr("integer_below_min_value"));
  EXPECT_THAT(Respond("x", R"("generate":false)").reply.body, HasSubstr("Unknown parameter: 'generate'."));
  EXPECT_THAT(Respond("x", R"("previous_response_id":"resp_1")").reply.body, HasSubstr("previous_response_not_found"));
  EXPECT_EQ(Ask("/v1/responses", R"({"model":"deepseek-v4-pro","input":"x"})").reply.status, 404u);
  const Plan labelled = Ask("/v1/responses", R"({"model":"grok-4.6","input":"x","metadata":{}})");
  EXPECT_EQ(labelled.reply.status, 400u);
  EXPECT_EQ(labelled.reply.body, R"({"code":"400","error":"Argument not supported: metadata"})");
}

TEST_F(ApiTest, KnowsNoOtherPathBelowItsBase) {
  EXPECT_THAT(Ask("/v1/embeddings", "{}").reply.body, HasSubstr("Invalid URL (POST /v1/embeddings)"));
}

}  // namespace
}  // namespace patchbay::sim
