#include "workers/ollama/server/generation.h"

#include <gmock/gmock.h>

#include "lib/wire/boost_json.h"
#include "tests/unit/workers/ollama/server/server_testing.h"

namespace patchbay::ollama {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAsk = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";
constexpr const char* kAskWhole = R"({"model":"m","stream":false,"messages":[{"role":"user","content":"x"}]})";
constexpr const char* kText = "events { started {} } events { text_delta { text: 'hi' } }";
constexpr const char* kEnd = "events { finished { reason: FINISH_REASON_STOP } }";

class GenerationTest : public BridgeTest {};

TEST_F(GenerationTest, StreamsLinesAsTheyCome) {
  gateway_.Says("m", {kText, "events { text_delta { text: ' you' } }", kEnd});
  const auto exchange = Ask("POST", "/api/chat", kAsk);
  EXPECT_EQ(exchange->status, 200);
  EXPECT_EQ(exchange->headers["Content-Type"], "application/x-ndjson");
  EXPECT_EQ(exchange->writes, 2);
  EXPECT_TRUE(exchange->finished);
  EXPECT_THAT(exchange->output, HasSubstr(R"("done":true,"done_reason":"stop")"));
}

TEST_F(GenerationTest, AnswersWhole) {
  gateway_.Says("m", {kText, kEnd});
  const auto exchange = Ask("POST", "/api/chat", kAskWhole);
  EXPECT_EQ(exchange->headers["Content-Type"], "application/json; charset=utf-8");
  EXPECT_EQ(wire::ParseJson(exchange->output)->at("message").at("content").as_string(), "hi");
}

TEST_F(GenerationTest, TriesTheNameWithAndWithoutItsTag) {
  gateway_.Says("m:latest", {kText, kEnd});
  EXPECT_EQ(Ask("POST", "/api/chat", kAskWhole)->status, 200);
  ASSERT_EQ(gateway_.called.size(), 2u);
  EXPECT_EQ(gateway_.called[0].request().model(), "m");
  EXPECT_EQ(gateway_.called[1].request().model(), "m:latest");
  EXPECT_EQ(gateway_.called[1].request().items_size(), 1);
}

TEST_F(GenerationTest, SaysOfAnUnknownModelWhatOllamaSays) {
  const auto exchange = Ask("POST", "/api/generate", R"({"model":"nobody","prompt":"x"})");
  EXPECT_EQ(exchange->status, 404);
  EXPECT_EQ(exchange->output, R"({"error":"model 'nobody' not found"})");
}

TEST_F(GenerationTest, SaysOfAModelForEmbeddingsThatItCannotChat) {
  gateway_.models =
      FakeGateway::Of<gateway::v1::ListModelsReply>("models { id: 'e' embeddings: true } models { id: 'm' }");
  for (const char* name : {"e", "m"}) gateway_.Says(name, {}, Error(ErrorCode::kInvalidArgument, "no"));
  const auto chat = Ask("POST", "/api/chat", R"({"model":"e:latest","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(chat->status, 400);
  EXPECT_EQ(chat->output, R"({"error":"\"e:latest\" does not support chat"})");
  EXPECT_EQ(Ask("POST", "/api/generate", R"({"model":"e","prompt":"x"})")->output,
            R"({"error":"\"e\" does not support generate"})");
  EXPECT_EQ(Ask("POST", "/api/chat", kAsk)->output, R"({"error":"no"})");
}

TEST_F(GenerationTest, RefusesToInsertAsOllamaDoes) {
  const auto exchange = Ask("POST", "/api/generate", R"({"model":"m","prompt":"x","suffix":"y"})");
  EXPECT_EQ(exchange->status, 400);
  EXPECT_EQ(exchange->output, R"({"error":"registry.ollama.ai/library/m:latest does not support insert"})");
  EXPECT_TRUE(gateway_.called.empty());
}

TEST_F(GenerationTest, GivesTheStatusOfAFailureBeforeTheFirstLine) {
  gateway_.Says("m", {}, Error(ErrorCode::kResourceExhausted, "used up"));
  const auto refused = Ask("POST", "/api/chat", kAsk);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->output, R"({"error":"used up"})");
  gateway_.Says("m", {"events { started {} }", "events { failed { failure { message: 'broke' } } }"});
  const auto failed = Ask("POST", "/api/chat", kAsk);
  EXPECT_EQ(failed->status, 502);
  EXPECT_EQ(failed->output, R"({"error":"broke"})");
  gateway_.away = true;
  EXPECT_EQ(Ask("POST", "/api/chat", kAsk)->status, 503);
}

TEST_F(GenerationTest, EndsABrokenStreamWithALineThatSaysSo) {
  gateway_.Says("m", {kText}, Error(ErrorCode::kUnavailable, "the gateway went away"));
  const auto exchange = Ask("POST", "/api/chat", kAsk);
  EXPECT_EQ(exchange->status, 200);
  EXPECT_TRUE(exchange->output.ends_with("{\"error\":\"the gateway went away\"}\n"));
  gateway_.Says("m", {kText});
  EXPECT_TRUE(
      Ask("POST", "/api/chat", kAsk)->output.ends_with("{\"error\":\"the answer ended before it was complete\"}\n"));
  EXPECT_EQ(Ask("POST", "/api/chat", kAskWhole)->status, 502);
}

TEST_F(GenerationTest, CallsOnceAgainWhenTheGatewayDiesBeforeItSaysAnything) {
  gateway_.Says("m", {kText, kEnd});
  gateway_.deaths = 1;
  const auto exchange = Ask("POST", "/api/chat", kAsk);
  EXPECT_EQ(exchange->status, 200);
  EXPECT_THAT(exchange->output, HasSubstr(R"("done":true,"done_reason":"stop")"));
  ASSERT_EQ(gateway_.called.size(), 2u);
  EXPECT_EQ(gateway_.called[1].SerializeAsString(), gateway_.called[0].SerializeAsString());
}

TEST_F(GenerationTest, CallsNoThirdTime) {
  gateway_.Says("m:latest", {kText, kEnd});
  gateway_.deaths = 2;
  const auto exchange = Ask("POST", "/api/chat", kAsk);
  EXPECT_EQ(exchange->status, 503);
  EXPECT_EQ(gateway_.called.size(), 2u);
}

TEST_F(GenerationTest, DoesNotRepeatWhatBrokeAfterItsFirstMessage) {
  gateway_.Says("m", {"notes {}"}, Error(ErrorCode::kUnavailable, "Socket closed"));
  gateway_.answers["m"]->died = true;
  EXPECT_EQ(Ask("POST", "/api/chat", kAsk)->status, 503);
  EXPECT_EQ(gateway_.called.size(), 1u);
}

TEST_F(GenerationTest, DoesNotRepeatWhatTheGatewayRefuses) {
  gateway_.Says("m", {}, Error(ErrorCode::kUnavailable, "the provider does not answer"));
  EXPECT_EQ(Ask("POST", "/api/chat", kAsk)->status, 503);
  EXPECT_EQ(gateway_.called.size(), 1u);
}

TEST_F(GenerationTest, CancelsTheCallOfAClientThatLeaves) {
  gateway_.Says("m", {kText, "events { text_delta { text: 'more' } }", kEnd});
  const auto exchange = Ask("POST", "/api/chat", kAsk, {}, "hi");
  EXPECT_TRUE(gateway_.answers["m"]->cancelled);
  EXPECT_EQ(gateway_.answers["m"]->received, 1);
  EXPECT_FALSE(exchange->finished);
}

TEST_F(GenerationTest, ReportsWhatChangedNothingInTheClientsWords) {
  gateway_.Says("m", {"notes { ignored: 'temperature' repaired: 'x' served_model: 'real' }", kText, kEnd});
  const auto exchange =
      Ask("POST", "/api/chat",
          R"({"model":"m","messages":[{"role":"user","content":"x"}],"options":{"temperature":1,"num_ctx":2}})");
  EXPECT_EQ(exchange->headers["x-patchbay-ignored"], "options.num_ctx, options.temperature");
  EXPECT_EQ(exchange->headers["x-patchbay-repaired"], "x");
  EXPECT_EQ(exchange->headers["x-patchbay-model"], "real");
}

TEST_F(GenerationTest, TakesTheGatewaysOwnTimes) {
  gateway_.Says("m", {kText, std::string(kEnd) +
                                 " timings { accepted { nanos: 5 } first_output { nanos: 12 } total { nanos: 30 } }"});
  const auto answer = wire::ParseJson(Ask("POST", "/api/chat", kAskWhole)->output);
  EXPECT_EQ(answer->at("load_duration").as_int64(), 5);
  EXPECT_EQ(answer->at("prompt_eval_duration").as_int64(), 7);
  EXPECT_EQ(answer->at("eval_duration").as_int64(), 18);
}

TEST_F(GenerationTest, LoadsAndUnloadsWithoutACall) {
  EXPECT_THAT(Ask("POST", "/api/chat", R"({"model":"m:latest"})")->output, HasSubstr(R"("done_reason":"load")"));
  EXPECT_THAT(Ask("GET", "/api/ps")->output, HasSubstr(R"("name":"m:latest")"));
  EXPECT_THAT(Ask("POST", "/api/generate", R"({"model":"m","keep_alive":0})")->output,
              HasSubstr(R"("done_reason":"unload")"));
  EXPECT_THAT(Ask("GET", "/api/ps")->output, Not(HasSubstr("m:latest")));
  EXPECT_EQ(Ask("POST", "/api/chat", R"({"model":"nobody"})")->status, 404);
  EXPECT_TRUE(gateway_.called.empty());
}

}  // namespace
}  // namespace patchbay::ollama
