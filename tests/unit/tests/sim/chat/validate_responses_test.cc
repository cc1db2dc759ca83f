// What the public Responses API refuses beyond what it shares with the backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/sim/chat/models.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

// The verdict on a request that has those members besides.
std::string Judged(const std::string& members, std::string_view model = "gpt-4.1") {
  json::object request = json::parse(R"({"input":[{"role":"user","content":"x"}],)" + members + "}").as_object();
  request["model"] = json::string(model.data(), model.size());
  const auto refusal = ValidateResponses(request, {"account-1", false, {}, FindApiModel(model)});
  return refusal ? refusal->body : "accepted";
}

TEST(ValidateResponses, TakesWhatThePublicApiTakes) {
  EXPECT_EQ(Judged(R"("temperature":0.5,"top_p":1,"top_logprobs":2,"max_output_tokens":16,"max_tool_calls":1,)"
                   R"("metadata":{"a":"b"},"user":"u","safety_identifier":"s","store":true,"truncation":"auto",)"
                   R"("parallel_tool_calls":false,"service_tier":"flex","prompt_cache_key":"k",)"
                   R"("client_metadata":{"a":"b"},)"
                   R"("include":["message.output_text.logprobs"],"text":{"verbosity":"low"})"),
            "accepted");
  EXPECT_EQ(
      Judged(R"("reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"])", "gpt-5.5"),
      "accepted");
}

TEST(ValidateResponses, RefusesWhatIsOfAnotherApi) {
  for (const char* name : {"max_tokens", "max_completion_tokens", "stop", "n", "seed", "top_k", "presence_penalty",
                           "frequency_penalty", "logit_bias", "messages", "generate"}) {
    EXPECT_THAT(Judged("\"" + std::string(name) + "\":1"),
                HasSubstr("Unknown parameter: '" + std::string(name) + "'."));
  }
  EXPECT_THAT(Judged(R"("stream":true,"stream_options":{"reasoning_summary_delivery":"x"})"),
              HasSubstr("stream_options.reasoning_summary_delivery"));
}

TEST(ValidateResponses, KnowsItsBounds) {
  EXPECT_THAT(Judged(R"("temperature":3)"), HasSubstr("decimal_above_max_value"));
  EXPECT_THAT(Judged(R"("top_logprobs":21)"), HasSubstr("integer_above_max_value"));
  EXPECT_THAT(Judged(R"("max_output_tokens":8)"), HasSubstr("Expected a value >= 16, but got 8 instead."));
  EXPECT_THAT(Judged(R"("max_output_tokens":"8")"), HasSubstr("an integer"));
  EXPECT_THAT(Judged(R"("stream":1)"), HasSubstr("a boolean"));
  const std::string long_name(65, 'x');
  for (const char* name : {"user", "safety_identifier", "prompt_cache_key"}) {
    EXPECT_THAT(Judged("\"" + std::string(name) + "\":\"" + long_name + "\""), HasSubstr("string_above_max_length"));
  }
  EXPECT_THAT(Judged(R"("metadata":{"a":1})"), HasSubstr("metadata.a"));
  EXPECT_THAT(Judged(R"("metadata":{")" + long_name + R"(":"b"})"), HasSubstr("maximum length 64"));
  EXPECT_THAT(Judged(R"("metadata":{"a":")" + std::string(513, 'x') + R"("})"), HasSubstr("maximum length 512"));
  std::string many;
  for (int i = 0; i < 17; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":\"x\"";
  EXPECT_THAT(Judged("\"metadata\":{" + many + "}"), HasSubstr("too many properties"));
}

TEST(ValidateResponses, AsksNoMoreOfAModelThanItCan) {
  EXPECT_THAT(Judged(R"("temperature":1)", "gpt-5.5"), HasSubstr("Unsupported parameter: 'temperature'"));
  EXPECT_THAT(Judged(R"("reasoning":{"effort":"low"})"), HasSubstr("reasoning.effort"));
  EXPECT_THAT(Judged(R"("reasoning":{"summary":"auto"})"), HasSubstr("reasoning.summary"));
  EXPECT_THAT(Judged(R"("include":["reasoning.encrypted_content"])"), HasSubstr("Encrypted content is not supported"));
  EXPECT_THAT(Judged(R"("include":["web_search_call.action.sources"])", "grok-4.6"), HasSubstr("include[0]"));
  EXPECT_THAT(Judged(R"("tools":[{"type":"custom","name":"f"}])", "grok-4.6"), HasSubstr("tools[0].type"));
  EXPECT_EQ(Judged(R"("tools":[{"type":"custom","name":"f"}])"), "accepted");
}

TEST(ValidateResponses, WantsTheWordJsonInAMessage) {
  constexpr const char* kFormat = R"("text":{"format":{"type":"json_object"}})";
  EXPECT_THAT(Judged(std::string(kFormat) + R"(,"instructions":"Answer in JSON.")"), HasSubstr("the word 'json'"));
  EXPECT_EQ(Judged(std::string(kFormat) + R"(,"input":[{"role":"developer","content":"Answer in JSON."}])"),
            "accepted");
}

TEST(ValidateResponses, KnowsAudioInItsOwnFormAlone) {
  const auto with = [](const std::string& audio) {
    return Judged(R"("input":[{"role":"user","content":[{"type":"input_audio",)" + audio + "}]}]");
  };
  EXPECT_EQ(with(R"("input_audio":{"data":"UklGRg==","format":"wav"})"), "accepted");
  EXPECT_THAT(with(R"("audio_url":"data:audio/wav;base64,UklGRg==")"), HasSubstr("input[0].content[0].audio_url"));
  EXPECT_THAT(with(R"("input_audio":{"data":"UklGRg==","format":"ogg"})"), HasSubstr("'wav' and 'mp3'"));
}

}  // namespace
}  // namespace patchbay::sim
