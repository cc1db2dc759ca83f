#include "workers/ollama/dialect/answer_encoder.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"
#include "workers/ollama/dialect/errors.h"

namespace patchbay::ollama {
namespace {

constexpr WallNanos kNow{std::chrono::seconds(1'767'225'600)};
constexpr Durations kDurations{std::chrono::nanoseconds(40), std::chrono::nanoseconds(10), std::chrono::nanoseconds(20),
                               std::chrono::nanoseconds(10)};

// Of a model "m", asked as `change` says.
struct Encoding {
  explicit Encoding(Endpoint endpoint, bool stream = true, bool thinking = true, bool keeps_context = false)
      : encoder(endpoint, AskedAs(stream, thinking, keeps_context)) {}
  static Asked AskedAs(bool stream, bool thinking, bool keeps_context) {
    Asked asked;
    asked.model = "m";
    asked.stream = stream;
    asked.thinking = thinking;
    asked.keeps_context = keeps_context;
    if (keeps_context) asked.turns = {{true, "hi"}};
    return asked;
  }
  Encoding& Take(const std::string& text) {
    inference::v1::GenerateEvent event;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event));
    EXPECT_TRUE(encoder.Encode(event, kNow, out).ok());
    return *this;
  }
  // The lines without what every one has in common.
  std::string Ended() {
    if (encoder.finished()) encoder.Finish(kDurations, kNow, out);
    constexpr std::string_view kHead = R"({"model":"m","created_at":"2026-01-01T00:00:00.000000000Z",)";
    for (auto at = out.find(kHead); at != std::string::npos; at = out.find(kHead)) out.erase(at, kHead.size());
    return out;
  }
  AnswerEncoder encoder;
  std::string out;
};

constexpr const char* kUsage = "usage_reported { usage { input_tokens: 31 output_tokens: 6 } }";
constexpr const char* kStop = "finished { reason: FINISH_REASON_STOP }";
constexpr const char* kMetrics =
    R"("total_duration":40,"load_duration":10,"prompt_eval_count":31,"prompt_eval_duration":20,"eval_count":6,"eval_duration":10})";

TEST(AnswerEncoder, StreamsChatLineByLine) {
  Encoding encoding(Endpoint::kChat);
  encoding.Take("started { model: 'x' }")
      .Take("reasoning_delta { text: 'hm' summary: true }")
      .Take("text_delta { index: 1 text: 'Hel' }")
      .Take("text_delta { index: 1 text: 'lo\\n' }")
      .Take(kUsage)
      .Take(kStop);
  EXPECT_EQ(encoding.Ended(),
            std::string(R"("message":{"role":"assistant","content":"","thinking":"hm"},"done":false})"
                        "\n"
                        R"("message":{"role":"assistant","content":"Hel"},"done":false})"
                        "\n"
                        R"("message":{"role":"assistant","content":"lo\n"},"done":false})"
                        "\n"
                        R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)") +
                kMetrics + "\n");
}

TEST(AnswerEncoder, GathersAWholeAnswer) {
  Encoding encoding(Endpoint::kChat, /*stream=*/false);
  encoding.Take("reasoning_delta { text: 'hm' }")
      .Take("text_delta { index: 1 text: 'Hel' }")
      .Take("text_delta { index: 1 text: 'lo' }")
      .Take(
          "item_done { index: 2 item { tool_call { kind: TOOL_KIND_FUNCTION call_id: 'c' name: 'f' input: '{ \"a\": 1 "
          "}' } } }")
      .Take(kUsage)
      .Take("finished { reason: FINISH_REASON_LENGTH }");
  EXPECT_EQ(encoding.out, "");
  EXPECT_EQ(
      encoding.Ended(),
      std::string(
          R"("message":{"role":"assistant","content":"Hello","thinking":"hm","tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{"a":1}}}]},"done":true,"done_reason":"length",)") +
          kMetrics);
}

TEST(AnswerEncoder, TellsCallsWholeAndNumbersThem) {
  Encoding encoding(Endpoint::kChat);
  encoding.Take("tool_input_delta { index: 0 text: '{\\n' }")
      .Take("item_done { item { tool_call { call_id: 'a' name: 'f' input: '{\\n \"x\" : [1]\\n}' } } }")
      .Take("item_done { index: 1 item { tool_call { call_id: 'b' name: 'g' input: 'no' } } }")
      .Take("item_done { index: 2 item { tool_call { kind: TOOL_KIND_CUSTOM call_id: 'd' name: 'h' input: 'no' } } }");
  EXPECT_EQ(encoding.out.find("\"arguments\":{\"x\":[1]}") != std::string::npos, true);
  EXPECT_NE(encoding.out.find(R"({"id":"b","function":{"index":1,"name":"g","arguments":{}}})"), std::string::npos);
  EXPECT_NE(encoding.out.find(R"({"id":"d","function":{"index":2,"name":"h","arguments":{"input":"no"}}})"),
            std::string::npos);
  EXPECT_EQ(std::count(encoding.out.begin(), encoding.out.end(), '\n'), 3);
}

TEST(AnswerEncoder, TakesWholeItemsWhereNoDeltaCame) {
  Encoding encoding(Endpoint::kGenerate);
  encoding.Take("item_done { item { reasoning { summary: 'a' summary: 'b' } } }")
      .Take("text_delta { index: 1 part: 0 text: 'told' }")
      .Take("item_done { index: 1 item { message { parts { text: 'told' } parts { text: ' more' } } } }")
      .Take("item_done { index: 2 item { message { parts { refusal: 'no' } } } }");
  EXPECT_EQ(encoding.Ended(),
            "\"response\":\"\",\"thinking\":\"a\",\"done\":false}\n"
            "\"response\":\"\",\"thinking\":\"\\n\\nb\",\"done\":false}\n"
            "\"response\":\"told\",\"done\":false}\n"
            "\"response\":\" more\",\"done\":false}\n"
            "\"response\":\"\\n\\nno\",\"done\":false}\n");
}

TEST(AnswerEncoder, ShowsNoThinkingToWhoWantsNone) {
  Encoding encoding(Endpoint::kChat, true, /*thinking=*/false);
  encoding.Take("reasoning_delta { text: 'hm' }");
  EXPECT_EQ(encoding.out, "");
  EXPECT_TRUE(encoding.encoder.has_output());
}

TEST(AnswerEncoder, EndsGenerateWithTheContext) {
  Encoding encoding(Endpoint::kGenerate, true, true, /*keeps_context=*/true);
  encoding.Take("text_delta { text: 'hello' }").Take(kStop);
  EXPECT_NE(encoding.Ended().find("\"context\":" + EncodeContext({{true, "hi"}, {false, "hello"}})), std::string::npos);
}

TEST(AnswerEncoder, LeavesOutCountsThatNobodyTold) {
  Encoding encoding(Endpoint::kChat);
  encoding.Take(kStop);
  EXPECT_EQ(encoding.Ended().find("_count"), std::string::npos);
}

TEST(AnswerEncoder, PassesLogprobsOn) {
  Encoding encoding(Endpoint::kGenerate);
  encoding.Take("text_delta { text: 'a' logprobs { token: 'a' logprob: -0.5 top { token: 'b' logprob: -1 } } }");
  EXPECT_NE(
      encoding.out.find(R"("logprobs":[{"token":"a","logprob":-0.5,"top_logprobs":[{"token":"b","logprob":-1}]}])"),
      std::string::npos)
      << encoding.out;
}

TEST(AnswerEncoder, KeepsWhatTheProviderSaidWhenItFailed) {
  Encoding encoding(Endpoint::kChat);
  encoding.Take("failed { failure { message: 'overloaded' } }");
  EXPECT_EQ(encoding.encoder.failure(), "overloaded");
  EXPECT_FALSE(encoding.encoder.finished());
  inference::v1::GenerateEvent late;
  EXPECT_EQ(encoding.encoder.Encode(late, kNow, encoding.out).error().code, ErrorCode::kProtocol);
}

TEST(AnswerEncoder, WritesOneLineOfJsonPerEvent) {
  Encoding encoding(Endpoint::kChat);
  encoding.Take("text_delta { text: '\\n\\r\\342\\200\\250\"' }");
  ASSERT_TRUE(encoding.out.ends_with('\n'));
  EXPECT_EQ(std::count(encoding.out.begin(), encoding.out.end(), '\n'), 1);
  EXPECT_TRUE(wire::ParseJson(encoding.out).ok());
}

TEST(EncodeLoadAnswer, SaysWhatWasDone) {
  EXPECT_EQ(
      EncodeLoadAnswer(Endpoint::kChat, "m", false, kNow),
      R"({"model":"m","created_at":"2026-01-01T00:00:00.000000000Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"})");
  EXPECT_EQ(
      EncodeLoadAnswer(Endpoint::kGenerate, "m", true, kNow),
      R"({"model":"m","created_at":"2026-01-01T00:00:00.000000000Z","response":"","done":true,"done_reason":"unload"})");
}

TEST(EncodeError, EscapesTheMessage) { EXPECT_EQ(EncodeError("say \"no\""), R"({"error":"say \"no\""})"); }

TEST(UnknownModel, SaysItAsTheRealServerDoes) {
  EXPECT_EQ(UnknownModel("x").message, "model 'x' not found");
  EXPECT_EQ(StatusOf(UnknownModel("x").code), 404);
}

}  // namespace
}  // namespace patchbay::ollama
