#include "workers/upstream/dialects/common/answer_restorer.h"

#include <gmock/gmock.h>

#include "tests/unit/workers/upstream/dialects/common/fitting.h"

namespace patchbay::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

const std::string kBegan = R"(item_began { item { message { role: ROLE_ASSISTANT } } })";
const std::string kStop = R"(finished { reason: FINISH_REASON_STOP })";

std::string Text(const std::string& text, int part = 0) {
  return "text_delta { " + (part == 0 ? "" : "part: " + std::to_string(part) + " ") + "text: \"" + text + "\" }";
}
std::string Done(const std::string& text) {
  return R"(item_done { item { message { role: ROLE_ASSISTANT parts { text: ")" + text + R"(" } } } })";
}

TEST(AnswerRestorer, GivesCallsTheClientsNamesAndIds) {
  AnswerPlan plan;
  plan.tool_names = {{"short", "long.name"}, {"group", "a.group"}};
  plan.call_ids = {{"c_2", "c"}};
  EXPECT_THAT(
      RestoredBy(plan, {R"(item_began { item { tool_call { call_id: "c_2" name: "short" namespace: "group" } } })",
                        R"(tool_input_delta { text: "short" })",
                        R"(item_done { item { tool_call { call_id: "c_2" name: "short" input: "short" } } })",
                        R"(item_done { index: 1 item { tool_call { call_id: "new" name: "other" } } })"}),
      ElementsAre(R"(item_began { item { tool_call { call_id: "c" name: "long.name" namespace: "a.group" } } })",
                  R"(tool_input_delta { text: "short" })",
                  R"(item_done { item { tool_call { call_id: "c" name: "long.name" input: "short" } } })",
                  R"(item_done { index: 1 item { tool_call { call_id: "new" name: "other" } } })"));
}

AnswerPlan StoppingAt(std::vector<std::string> stops) {
  AnswerPlan plan;
  plan.stops = std::move(stops);
  return plan;
}

TEST(AnswerRestorer, EndsTheAnswerAtAStopSequenceHoweverItIsCut) {
  const std::string text = "before STOP after";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    std::vector<std::string> events = {"started { }", kBegan};
    for (std::size_t at = 0; at < text.size(); at += size) events.push_back(Text(text.substr(at, size)));
    events.insert(
        events.end(),
        {Done(text), R"(item_began { index: 1 item { tool_call { name: "f" } } })",
         R"(tool_input_delta { index: 1 text: "{}" })", R"(item_done { index: 1 item { tool_call { name: "f" } } })",
         R"(usage_reported { usage { output_tokens: 9 } })", R"(finished { reason: FINISH_REASON_TOOL_CALLS })"});
    std::string told;
    std::vector<std::string> others;
    for (const std::string& line : RestoredBy(StoppingAt({"STOP", "never"}), events)) {
      const auto event = Parsed<inference::v1::GenerateEvent>(line);
      if (event.has_text_delta()) {
        told += event.text_delta().text();
      } else {
        others.push_back(line);
      }
    }
    EXPECT_EQ(told, "before ") << "in pieces of " << size;
    EXPECT_THAT(others,
                ElementsAre("started { }", kBegan, Done("before "), R"(usage_reported { usage { output_tokens: 9 } })",
                            R"(finished { reason: FINISH_REASON_STOP stop_sequence: "STOP" })"));
  }
}

TEST(AnswerRestorer, TellsHowLikelyTheTokensWereOfTheTextThatItTells) {
  const auto token = [](const std::string& text) { return "logprobs { token: \"" + text + "\" logprob: -1 } "; };
  // Text and tokens of each delta.
  std::vector<std::pair<std::string, std::string>> told;
  for (const std::string& line :
       RestoredBy(StoppingAt({"STOP"}), {kBegan, "text_delta { text: \"one S\" " + token("one") + token(" S") + "}",
                                         "text_delta { text: \"T two\" " + token("T") + token(" two") + "}",
                                         "text_delta { text: \" STOP\" " + token(" STOP") + "}", kStop})) {
    const auto event = Parsed<inference::v1::GenerateEvent>(line);
    if (!event.has_text_delta()) continue;
    std::string tokens;
    for (const auto& logprob : event.text_delta().logprobs()) tokens += logprob.token() + "|";
    told.emplace_back(event.text_delta().text(), tokens);
  }
  EXPECT_THAT(told, ElementsAre(Pair("one ", "one|"), Pair("ST two", " S|T| two|"), Pair(" ", "")))
      << "of a token that is told in part only nothing can be said";
}

TEST(AnswerRestorer, TellsWhatOnlyLookedLikeAStop) {
  EXPECT_THAT(RestoredBy(StoppingAt({"STOP"}), {kBegan, Text("a ST"), Done("a ST"), kStop}),
              ElementsAre(kBegan, Text("a "), Text("ST"), Done("a ST"), kStop));
  EXPECT_THAT(RestoredBy(StoppingAt({"STOP"}), {kBegan, Text("a ST"), kStop}),
              ElementsAre(kBegan, Text("a "), Text("ST"), kStop))
      << "of an item that never ended";
}

TEST(AnswerRestorer, LooksForStopsInWhatWasNotStreamed) {
  EXPECT_THAT(
      RestoredBy(StoppingAt({"STOP"}), {kBegan, Done("a STOP b"), kStop}),
      ElementsAre(kBegan, Text("a "), Done("a "), R"(finished { reason: FINISH_REASON_STOP stop_sequence: "STOP" })"));
}

TEST(AnswerRestorer, LeavesOutThePartsBehindAStop) {
  EXPECT_THAT(
      RestoredBy(
          StoppingAt({"STOP"}),
          {kBegan, Text("a S"), Text("b STOP", 1), Text("c", 2),
           R"(item_done { item { message { parts { text: "a S" } parts { text: "b STOP" } parts { text: "c" } } } })",
           kStop}),
      ElementsAre(kBegan, Text("a "), Text("S"), Text("b ", 1),
                  R"(item_done { item { message { parts { text: "a S" } parts { text: "b " } } } })",
                  R"(finished { reason: FINISH_REASON_STOP stop_sequence: "STOP" })"));
}

TEST(AnswerRestorer, LeavesOutTheSourcesOfWhatStandsBehindAStop) {
  const std::string cited =
      R"(item_done { item { message { parts { text: "süß STOP b" citations { begin: 0 end: 3 } citations { begin: 9 end: 10 } } } } })";
  const auto events = RestoredBy(StoppingAt({"STOP"}), {kBegan, cited, kStop});
  const auto done = Parsed<inference::v1::GenerateEvent>(events.at(2));
  ASSERT_EQ(done.item_done().item().message().parts(0).citations_size(), 1);
  EXPECT_EQ(done.item_done().item().message().parts(0).citations(0).end(), 3);
}

TEST(AnswerRestorer, TellsWhatIsHeldBackWhenTheAnswerEndsWithItsBody) {
  AnswerRestorer restorer(std::make_unique<DecoderOfText>(), std::make_shared<const AnswerPlan>(StoppingAt({"STOP"})));
  GenerateEvents events;
  ASSERT_TRUE(restorer.Feed(Text("a ST"), events).ok());
  ASSERT_TRUE(restorer.End(events).ok());
  ASSERT_EQ(events.size(), 3);
  EXPECT_EQ(events[1].text_delta().text(), "ST");
  EXPECT_TRUE(events[2].has_finished());
}

TEST(AnswerRestorer, CountsAStopAsTheEndItIs) {
  AnswerRestorer restorer(std::make_unique<DecoderOfText>(), std::make_shared<const AnswerPlan>(StoppingAt({"STOP"})));
  GenerateEvents events;
  ASSERT_TRUE(restorer.Feed(Text("STOP") + "\nfinished { reason: FINISH_REASON_LENGTH }", events).ok());
  EXPECT_TRUE(restorer.summary().ended);
  EXPECT_EQ(restorer.summary().finish_reason, inference::v1::FINISH_REASON_STOP);
}

TEST(AnswerRestorer, BringsAnAnswerIntoItsShapeWhenItIsWhole) {
  AnswerPlan plan;
  plan.schema_json = R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}})";
  EXPECT_THAT(RestoredBy(plan, {kBegan, Text(R"({\"a\":\"x\",)"), Text(R"(\"b\":null})"),
                                Done(R"({\"a\":\"x\",\"b\":null})"), kStop}),
              ElementsAre(kBegan, Text(R"({\"a\":\"x\"})"), Done(R"({\"a\":\"x\"})"), kStop));
  EXPECT_THAT(RestoredBy(plan, {kBegan, Text(R"({\"a\":\"x)"), R"(finished { reason: FINISH_REASON_LENGTH })"}),
              ElementsAre(kBegan, Text(R"({\"a\":\"x)"), R"(finished { reason: FINISH_REASON_LENGTH })"))
      << "half of it has no shape";
}

TEST(AnswerRestorer, TakesAnAnswerOutOfTheObjectAroundIt) {
  AnswerPlan plan;
  plan.unwraps = true;
  EXPECT_THAT(RestoredBy(plan, {kBegan, Text(R"({\"value\":[1,2]})"), Done(R"({\"value\":[1,2]})"), kStop}),
              ElementsAre(kBegan, Text("[1,2]"), Done("[1,2]"), kStop));
  EXPECT_THAT(RestoredBy(plan, {kBegan, Text(R"({\"value\": [1,2)"), R"(finished { reason: FINISH_REASON_LENGTH })"}),
              ElementsAre(kBegan, Text("[1,2"), R"(finished { reason: FINISH_REASON_LENGTH })"));
}

TEST(AnswerRestorer, LooksForStopsInTheClientsShape) {
  AnswerPlan plan = StoppingAt({"\"b\""});
  plan.unwraps = true;
  EXPECT_THAT(RestoredBy(plan, {kBegan, Done(R"({\"value\":[\"a\",\"b\"]})"), kStop}),
              ElementsAre(kBegan, Text(R"([\"a\",)"), Done(R"([\"a\",)"),
                          R"(finished { reason: FINISH_REASON_STOP stop_sequence: "\"b\"" })"));
}

TEST(AnswerRestorer, HoldsSoMuchAndNoMore) {
  AnswerPlan plan;
  plan.unwraps = true;
  AnswerRestorer restorer(std::make_unique<DecoderOfText>(), std::make_shared<const AnswerPlan>(plan));
  const std::string piece = Text(std::string(std::size_t{1} << 20, 'x'));
  Result<void> fed;
  int pieces = 0;
  for (; fed.ok() && pieces < 20; ++pieces) {
    GenerateEvents events;
    fed = restorer.Feed(piece, events);
    EXPECT_EQ(events.size(), 0);
  }
  ASSERT_FALSE(fed.ok());
  EXPECT_EQ(fed.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(pieces, 9);
}

}  // namespace
}  // namespace patchbay::upstream
