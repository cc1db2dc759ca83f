#include "tests/sim/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/sim/synthesize.h"
#include "tests/sim/validate.h"
#include "tests/unit/tests/sim/request_builder.h"

namespace patchbay::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Answer {
  Script script;
  std::vector<json::value> events;
  std::vector<std::string> types;
  std::string text;  // all output_text deltas
};

// Renders the answer to `body` and reads it back as a client would. Every event's line must agree with its data.
Answer AnswerTo(const json::object& body) {
  Answer answer;
  Facts facts{&body, "account-1", "0a1", 1787390000, 31};
  const Prompt prompt = ReadPrompt(body);
  answer.script = Render(facts, Canonical(ChooseScenario(body, prompt)).value(), prompt);
  std::string_view rest = answer.script.bytes;
  std::string event;
  while (!rest.empty()) {
    std::string line(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.rfind("event: ", 0) == 0) event = line.substr(7);
    if (line.rfind("data: ", 0) != 0) continue;
    boost::json::error_code error;
    json::value data = json::parse(line.substr(6), error);
    if (error) continue;
    const std::string type(data.at("type").as_string());
    if (!event.empty()) {
      EXPECT_EQ(event, type);
    }
    event.clear();
    if (type == "response.output_text.delta") answer.text += data.at("delta").as_string().c_str();
    answer.types.push_back(type);
    answer.events.push_back(std::move(data));
  }
  return answer;
}

Answer AnswerToText(std::string_view text) { return AnswerTo(MinimalBody(text)); }

json::object WithTools(std::string_view text) {
  json::object body = MinimalBody(text);
  body["tools"] = Items(R"([{"type":"function","name":"get_weather","parameters":{"type":"object","properties":
    {"city":{"type":"string"},"days":{"type":"integer","minimum":3}},"required":["city"]}},
    {"type":"namespace","name":"mcp","tools":[{"type":"function","name":"inner","parameters":{"type":"object","properties":{}}}]},
    {"type":"custom","name":"apply_patch"}])");
  return body;
}

TEST(Render, TellsATextInTheBackendsOrder) {
  const Answer answer = AnswerToText("[[sim:text events=2 seq=1]]");
  EXPECT_THAT(answer.types,
              ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                          "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                          "response.output_text.done", "response.content_part.done", "response.output_item.done",
                          "response.completed"));
  EXPECT_EQ(answer.text, "0 1 ");
  for (std::size_t i = 0; i < answer.events.size(); ++i) {
    EXPECT_EQ(answer.events[i].at("sequence_number").as_int64(), static_cast<long long>(i));
  }
  const json::value& response = answer.events.back().at("response");
  EXPECT_TRUE(response.at("output").as_array().empty());
  EXPECT_EQ(response.at("usage").at("total_tokens").as_int64(), 33);
  EXPECT_EQ(answer.events[8].at("item").at("content").at(0).at("text").as_string(), "0 1 ");
}

TEST(Render, IsOneBurstWithoutPacing) { EXPECT_TRUE(AnswerToText("hi").script.marks.empty()); }

TEST(Render, PausesBetweenDeltasWhenPaced) {
  const Answer answer = AnswerToText("[[sim:text events=3 interval_ms=20 first_ms=5]]");
  ASSERT_EQ(answer.script.marks.size(), 4u);
  EXPECT_EQ(answer.script.marks[0].pause, std::chrono::milliseconds(5));
  EXPECT_EQ(answer.script.marks[1].pause, std::chrono::milliseconds(20));
}

TEST(Render, EchoesAnyTextByteForByte) {
  const std::string text = "h\u00e9llo \U0001F680 \"q\" \\ \n\t \u2028 end";
  EXPECT_EQ(AnswerToText("[[sim:text echo=1 size=3]]" + text).text, text);
  EXPECT_EQ(AnswerToText("[[sim:text echo=1 size=1 escapes=1]]" + text).text, text);
  EXPECT_EQ(AnswerToText("[[sim:text echo=1 crlf=1 comments=1]]" + text).text, text);
  EXPECT_EQ(AnswerToText("[[sim:missing_event_lines echo=1]]" + text).text, text);
}

TEST(Render, CallsOfferedToolsWithArgumentsThatFitTheirSchemas) {
  const Answer answer = AnswerTo(WithTools("[[sim:tools n=2]]"));
  EXPECT_THAT(answer.types, Not(testing::Contains("response.output_text.delta")));
  std::vector<json::object> calls;
  std::string arguments;
  for (const json::value& event : answer.events) {
    if (event.at("type").as_string() == "response.output_item.done") calls.push_back(event.at("item").as_object());
    if (event.at("type").as_string() == "response.function_call_arguments.delta" &&
        event.at("output_index").as_int64() == 0) {
      arguments += event.at("delta").as_string().c_str();
    }
  }
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].at("name").as_string(), "get_weather");
  EXPECT_EQ(calls[0].at("arguments").as_string(), arguments);
  EXPECT_EQ(json::parse(arguments).at("days").as_int64(), 3);
  EXPECT_EQ(calls[1].at("name").as_string(), "inner");
  EXPECT_EQ(calls[1].at("namespace").as_string(), "mcp");
  EXPECT_NE(calls[0].at("call_id"), calls[1].at("call_id"));
  EXPECT_FALSE(answer.events.back().at("response").at("end_turn").as_bool());
}

TEST(Render, CallsOneToolAtATimeWhenAskedTo) {
  json::object body = WithTools("[[sim:tools n=3]]");
  body["parallel_tool_calls"] = false;
  EXPECT_EQ(testing::Value(AnswerTo(body).types, testing::Contains("response.output_item.done").Times(1)), true);
}

TEST(Render, CallsAToolUnaskedWhenTheRequestDemandsOne) {
  json::object body = WithTools("hi");
  body["tool_choice"] = {{"type", "function"}, {"name", "inner"}};
  EXPECT_EQ(AnswerTo(body).events[2].at("item").at("name").as_string(), "inner");
  body["tool_choice"] = "required";
  EXPECT_EQ(AnswerTo(body).events[2].at("item").at("type").as_string(), "function_call");
}

TEST(Render, QuotesAToolsOutputInsteadOfCallingAgain) {
  json::object body = WithTools("[[sim:tools]]");
  for (json::value& item : Items(R"([{"type":"function_call","name":"get_weather","arguments":"{}","call_id":"c"},
                                     {"type":"function_call_output","call_id":"c","output":"sunny"}])")) {
    body["input"].as_array().push_back(item);
  }
  EXPECT_EQ(AnswerTo(body).text, "The tool said: sunny");
}

TEST(Render, AnswersInTheFormatThatTheRequestWants) {
  json::object body = MinimalBody("hi");
  body["text"] = json::parse(R"({"format":{"type":"json_schema","name":"n","schema":
    {"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}}})");
  EXPECT_EQ(AnswerTo(body).text, R"({"ok":true})");
}

TEST(Render, BindsReasoningToTheAccount) {
  const Answer answer = AnswerToText("[[sim:text reasoning=1]]");
  const json::value& item = answer.events[2].at("item");
  EXPECT_EQ(item.at("type").as_string(), "reasoning");
  EXPECT_TRUE(IsEncryptedFor(item.at("encrypted_content").as_string(), "account-1"));
  EXPECT_EQ(
      answer.events.back().at("response").at("usage").at("output_tokens_details").at("reasoning_tokens").as_int64(),
      64);
}

TEST(Render, EndsWhereAnInterruptionEndsIt) {
  const Answer failed = AnswerToText("[[sim:failed after=2 seq=1 code=server_error]]");
  EXPECT_EQ(failed.text, "0 1 ");
  EXPECT_EQ(failed.types.back(), "response.failed");

  const Answer cut = AnswerToText("[[sim:cut after=2 seq=1]]");
  EXPECT_EQ(cut.types.back(), "response.output_text.delta");
  ASSERT_EQ(cut.script.marks.size(), 1u);
  EXPECT_EQ(cut.script.marks[0].act, Act::kCut);
  EXPECT_EQ(cut.script.marks[0].offset, cut.script.bytes.size());

  const Answer mid = AnswerToText("[[sim:cut after=2 seq=1 mid=1]]");
  EXPECT_GT(mid.script.bytes.size(), cut.script.bytes.size());
  EXPECT_EQ(mid.text, "0 1 ");

  const Answer eof = AnswerToText("[[sim:eof after=1 seq=1]]");
  EXPECT_TRUE(eof.script.marks.empty());
  EXPECT_EQ(eof.types.back(), "response.output_text.delta");
}

TEST(Render, InterruptsBeforeAnyOutputByDefault) {
  EXPECT_THAT(AnswerToText("[[sim:error_event]]").types,
              ElementsAre("response.created", "response.in_progress", "error", "response.failed"));
  EXPECT_EQ(AnswerToText("[[sim:stall]]").script.marks[0].act, Act::kStall);
}

TEST(Render, GoesOnAfterAStrangeEvent) {
  for (const char* marker :
       {"[[sim:unknown_event after=1 seq=1]]", "[[sim:bad_json after=1 seq=1]]", "[[sim:hold after=1 seq=1]]"}) {
    const Answer answer = AnswerToText(marker);
    EXPECT_EQ(answer.text, "0 1 2 3 4 5 6 7 8 9 ") << marker;
    EXPECT_EQ(answer.types.back(), "response.completed") << marker;
  }
}

TEST(Render, MakesOneHugeEvent) {
  const Answer answer = AnswerToText("[[sim:huge bytes=100000 events=2 seq=1 after=1]]");
  EXPECT_EQ(answer.text, "0 " + std::string(100000, 'x') + "1 ");
}

TEST(Synthesize, SatisfiesRecursiveSchemasWithinBounds) {
  const json::value value = Synthesize(json::parse(R"({"type":"object","properties":{"next":{"$ref":"#"},
    "kind":{"enum":["b","c"]},"list":{"type":"array","items":{"type":"number"},"minItems":2}},"required":["kind"]})"));
  EXPECT_EQ(value.at("kind").as_string(), "b");
  EXPECT_EQ(value.at("list").as_array().size(), 2u);
  EXPECT_EQ(value.at("next").at("kind").as_string(), "b");
  EXPECT_LT(json::serialize(value).size(), 10'000u);
}

}  // namespace
}  // namespace patchbay::sim
