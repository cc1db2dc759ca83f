#include "workers/ollama/dialect/chat_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Asked Decoded(std::string_view body) {
  auto asked = DecodeChat(body);
  EXPECT_TRUE(asked.ok()) << (asked.ok() ? "" : asked.error().message);
  return asked.ok() ? std::move(*asked) : Asked();
}

std::string Refusal(std::string_view body) {
  const auto asked = DecodeChat(body);
  return asked.ok() ? "" : asked.error().message;
}

TEST(DecodeChat, TakesTheFirstSystemMessagesAsInstructionsAndLaterOnesAsMessages) {
  const Asked asked =
      Decoded(R"({"model":"m","messages":[{"role":"System","content":"a"},{"role":"system","content":"b"},
      {"role":"user","content":"hi"},{"role":"system","content":"c"}]})");
  EXPECT_EQ(asked.request.instructions(), "a\n\nb");
  ASSERT_EQ(asked.request.items_size(), 2);
  EXPECT_EQ(asked.request.items(0).message().parts(0).text(), "hi");
  EXPECT_EQ(asked.request.items(1).message().role(), inference::v1::ROLE_DEVELOPER);
}

TEST(DecodeChat, AnswersOperatorsWhoSayEverythingThemselves) {
  const Asked asked = Decoded(R"({"model":"m","messages":[{"role":"system","content":"write"}]})");
  EXPECT_EQ(asked.request.instructions(), "");
  ASSERT_EQ(asked.request.items_size(), 1);
  EXPECT_EQ(asked.request.items(0).message().parts(0).text(), "write");
}

TEST(DecodeChat, StreamsUnlessToldOtherwise) {
  EXPECT_TRUE(Decoded(R"({"model":"m","messages":[{"role":"user","content":"x"}]})").stream);
  EXPECT_TRUE(Decoded(R"({"model":"m","stream":null,"messages":[{"role":"user","content":"x"}]})").stream);
  EXPECT_FALSE(Decoded(R"({"model":"m","stream":false,"messages":[{"role":"user","content":"x"}]})").stream);
}

TEST(DecodeChat, OnlyLoadsWithoutMessages) {
  EXPECT_TRUE(Decoded(R"({"model":"m"})").load_only);
  EXPECT_TRUE(Decoded(R"({"model":"m","messages":null})").load_only);
  const Asked asked = Decoded(R"({"model":"m","messages":[],"keep_alive":0})");
  EXPECT_TRUE(asked.load_only);
  EXPECT_EQ(asked.keep_alive, KeepAlive::zero());
}

TEST(DecodeChat, CarriesToolsCallsAndResults) {
  const Asked asked = Decoded(R"({"model":"m","messages":[
      {"role":"user","content":"weather?"},
      {"role":"assistant","content":"","tool_calls":[{"function":{"name":"get","arguments":{"city":"Paris"}}}]},
      {"role":"tool","tool_name":"get","content":"rain"}],
      "tools":[{"type":"function","function":{"name":"get","description":"d","parameters":{"type":"object"}}}]})");
  ASSERT_EQ(asked.request.tools_size(), 1);
  EXPECT_EQ(asked.request.tools(0).function().parameters_json(), R"({"type":"object"})");
  ASSERT_EQ(asked.request.items_size(), 3);
  EXPECT_EQ(asked.request.items(1).tool_call().input(), R"({"city":"Paris"})");
  EXPECT_EQ(asked.request.items(2).tool_result().call_id(), asked.request.items(1).tool_call().call_id());
  EXPECT_THAT(asked.repaired, IsEmpty());
}

TEST(DecodeChat, TakesArgumentsInText) {
  const std::string head =
      R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[)"
      R"({"id":"c","function":{"name":"f","arguments":)";
  EXPECT_EQ(Decoded(head + R"("{\"a\":1}"}}]}]})").request.items(1).tool_call().input(), R"({"a":1})");
  EXPECT_EQ(Decoded(head + R"(null}}]}]})").request.items(1).tool_call().input(), "{}");
  EXPECT_EQ(Decoded(head + R"(""}}]}]})").request.items(1).tool_call().input(), "{}");
  EXPECT_EQ(Refusal(head + R"("no"}}]}]})"), "messages[1].tool_calls[0].function.arguments: expected an object");
  EXPECT_EQ(Refusal(head + R"([1]}}]}]})"), "messages[1].tool_calls[0].function.arguments: expected an object");
}

TEST(DecodeChat, TellsTheProviderHowMuchToThink) {
  const auto effort = [](const std::string& think) {
    return Decoded(R"({"model":"m","messages":[{"role":"user","content":"x"}],"think":)" + think + "}")
        .request.reasoning()
        .effort();
  };
  EXPECT_EQ(effort("true"), "medium");
  EXPECT_EQ(effort("false"), "none");
  EXPECT_EQ(effort("\"low\""), "low");
  EXPECT_EQ(effort("\"max\""), "max");
  EXPECT_EQ(effort("null"), "");
  EXPECT_THAT(Refusal(R"({"model":"m","messages":[{"role":"user","content":"x"}],"think":"very"})"),
              HasSubstr(R"(invalid think value: "very")"));
  EXPECT_FALSE(Decoded(R"({"model":"m","messages":[{"role":"user","content":"x"}],"think":false})").thinking);
}

TEST(DecodeChat, GivesThinkingOfEarlierTurnsBack) {
  const Asked asked = Decoded(R"({"model":"m","messages":[{"role":"user","content":"x"},
      {"role":"assistant","thinking":"hm","content":"y"},{"role":"user","content":"z"}]})");
  ASSERT_EQ(asked.request.items_size(), 4);
  EXPECT_EQ(asked.request.items(1).reasoning().text(), "hm");
}

TEST(DecodeChat, TakesJsonAndSchemasAsFormat) {
  const auto format = [](const std::string& value) {
    return Decoded(R"({"model":"m","messages":[{"role":"user","content":"x"}],"format":)" + value + "}")
        .request.output_format();
  };
  EXPECT_EQ(format("\"json\"").kind(), inference::v1::OutputFormat::KIND_JSON_OBJECT);
  EXPECT_EQ(format("\"\"").kind(), inference::v1::OutputFormat::KIND_UNSPECIFIED);
  EXPECT_EQ(format(R"({"type":"object"})").schema_json(), R"({"type":"object"})");
  EXPECT_THAT(Refusal(R"({"model":"m","messages":[],"format":"xml"})"), HasSubstr("invalid format"));
}

TEST(DecodeChat, TakesPartsOfOtherProtocolsAsText) {
  const Asked asked = Decoded(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]})");
  EXPECT_EQ(asked.request.items(0).message().parts(0).text(), "ab");
}

TEST(DecodeChat, NamesWhatChangesNothing) {
  const Asked asked = Decoded(
      R"({"model":"m","messages":[{"role":"user","content":"x","mood":1}],"options":{"num_ctx":5},"shift":true,"x":null})");
  EXPECT_THAT(asked.ignored, ::testing::UnorderedElementsAre("messages[].mood", "options.num_ctx", "shift"));
}

TEST(DecodeChat, RefusesWhatItCannotRead) {
  EXPECT_EQ(Refusal(""), "missing request body");
  EXPECT_EQ(Refusal("[]"), "expected a JSON object");
  EXPECT_NE(Refusal("{"), "");
  EXPECT_EQ(Refusal("{}"), "model is required");
  EXPECT_EQ(Refusal(R"({"model":1})"), "model: expected a string");
  EXPECT_EQ(Refusal(R"({"model":"m","messages":{}})"), "messages: expected an array");
  EXPECT_EQ(Refusal(R"({"model":"m","messages":[1]})"), "messages[0]: expected an object");
  EXPECT_EQ(Refusal(R"({"model":"m","messages":[{"role":"user","content":5}]})"),
            "messages[0].content: expected a string");
  EXPECT_THAT(Refusal(R"({"model":"m","messages":[{"role":"king","content":"x"}]})"), HasSubstr("invalid role"));
  EXPECT_EQ(Refusal(R"({"model":"m","stream":"yes"})"), "stream: expected true or false");
  EXPECT_EQ(Refusal(R"({"model":"m","messages":[{"role":"user","content":""}]})"),
            "messages: there is nothing to answer");
  EXPECT_EQ(Refusal(R"({"model":"m","messages":[],"keep_alive":"soon"})"), R"(time: invalid duration "soon")");
  EXPECT_EQ(Refusal(R"({"model":"m","messages":[],"top_logprobs":21})"), "top_logprobs must be between 0 and 20");
}

TEST(DecodeChat, ReadsDurationsAsGoWritesThem) {
  const auto kept = [](const std::string& value) {
    return Decoded(R"({"model":"m","keep_alive":)" + value + "}").keep_alive;
  };
  EXPECT_EQ(kept("300"), KeepAlive(300'000));
  EXPECT_EQ(kept("\"1h30m\""), KeepAlive(5'400'000));
  EXPECT_EQ(kept("\"1.5s\""), KeepAlive(1'500));
  EXPECT_EQ(kept("\"\""), kDefaultKeepAlive);
  EXPECT_LT(kept("-1"), KeepAlive::zero());
  EXPECT_LT(kept("\"-1m\""), KeepAlive::zero());
  EXPECT_LT(kept("1e300"), KeepAlive::zero());
  EXPECT_EQ(kept("\"0\""), KeepAlive::zero());
}

}  // namespace
}  // namespace patchbay::ollama
