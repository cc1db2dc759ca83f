#include "workers/frontend/dialects/common/reply/item_sequence.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

namespace patchbay::frontend {
namespace {

using inference::v1::GenerateEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What was told, one line a step: "0 text: Hi".
class Told final : public ItemListener {
 public:
  std::vector<std::string> steps;

 private:
  void Note(int item, std::string_view what, std::string_view text) {
    steps.push_back(std::to_string(item).append(" ").append(what).append(": ").append(text));
  }
  void OnStarted(const inference::v1::Started&) override { steps.emplace_back("started"); }
  void OnText(int item, int, std::string_view text) override { Note(item, "text", text); }
  void OnRefusal(int item, int, std::string_view text) override { Note(item, "refusal", text); }
  void OnReasoning(int item, int, std::string_view text) override { Note(item, "reasoning", text); }
  void OnCall(int item, const inference::v1::ToolCall& call) override { Note(item, "call", call.name()); }
  void OnCallInput(int item, std::string_view text) override { Note(item, "input", text); }
  void OnCitation(int item, int part, const inference::v1::Citation& citation) override {
    Note(item, "citation in part " + std::to_string(part), citation.web().url());
  }
  void OnHostedProgress(const inference::v1::HostedToolProgress& progress) override {
    Note(progress.index(), "progress", progress.stage());
  }
  Result<void> OnItemDone(int item, const inference::v1::Item&) override {
    Note(item, "done", "");
    return {};
  }
  void OnUsage(const inference::v1::Usage&) override { steps.emplace_back("usage"); }
  void OnFinished(const inference::v1::Finished&) override { steps.emplace_back("finished"); }
};

GenerateEvent Event(const std::string& text) {
  GenerateEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  return event;
}

GenerateEvent CallBegan(int item, const std::string& name) {
  return Event("item_began { index: " + std::to_string(item) + " item { tool_call { name: '" + name + "' } } }");
}
GenerateEvent Input(int item, const std::string& text) {
  return Event("tool_input_delta { index: " + std::to_string(item) + " text: '" + text + "' }");
}
GenerateEvent Text(int item, const std::string& text) {
  return Event("text_delta { index: " + std::to_string(item) + " text: '" + text + "' }");
}
GenerateEvent CallDone(int item, const std::string& name, const std::string& input) {
  return Event("item_done { index: " + std::to_string(item) + " item { tool_call { name: '" + name + "' input: '" +
               input + "' } } }");
}
GenerateEvent MessageDone(int item, const std::string& text) {
  return Event("item_done { index: " + std::to_string(item) + " item { message { parts { text: '" + text + "' } } } }");
}

// The steps between the start and the end.
std::vector<std::string> StepsOf(OneByOne one_by_one, const std::vector<GenerateEvent>& events) {
  Told told;
  ItemSequence sequence(told, one_by_one);
  EXPECT_TRUE(sequence.Read(Event("started {}")).ok());
  for (const auto& event : events) EXPECT_TRUE(sequence.Read(event).ok()) << event.ShortDebugString();
  EXPECT_TRUE(sequence.Read(Event("finished {}")).ok());
  EXPECT_TRUE(sequence.ended());
  return {told.steps.begin() + 1, told.steps.end() - 1};
}

TEST(ItemSequence, TellsOneCallAfterAnother) {
  const std::vector<GenerateEvent> events = {CallBegan(0, "a"), CallBegan(1, "b"),     Input(1, "1"),
                                             Input(0, "x"),     Input(1, "2"),         CallDone(1, "b", "12"),
                                             Input(0, "y"),     CallDone(0, "a", "xy")};
  for (const OneByOne one_by_one : {OneByOne::kItems, OneByOne::kCalls}) {
    EXPECT_THAT(StepsOf(one_by_one, events), ElementsAre("0 call: a", "0 input: x", "0 input: y",
                                                         "0 done: ", "1 call: b", "1 input: 12", "1 done: "));
  }
}

TEST(ItemSequence, TellsTextBesideACallOnlyWhereItMay) {
  const std::vector<GenerateEvent> events = {CallBegan(0, "a"), Text(1, "Hi"), CallDone(0, "a", "x"),
                                             MessageDone(1, "Hi there")};
  EXPECT_THAT(StepsOf(OneByOne::kCalls, events),
              ElementsAre("0 call: a", "1 text: Hi", "0 input: x", "0 done: ", "1 text:  there", "1 done: "));
  EXPECT_THAT(StepsOf(OneByOne::kItems, events),
              ElementsAre("0 call: a", "0 input: x", "0 done: ", "1 text: Hi", "1 text:  there", "1 done: "));
}

TEST(ItemSequence, TellsWhatWasNotStreamed) {
  EXPECT_THAT(StepsOf(OneByOne::kItems,
                      {Event("item_done { index: 0 item { reasoning { summary: 'first' summary: 'second' } } }"),
                       Event("item_done { index: 1 item { message { parts { text: 'a' } parts { refusal: 'no' } } } }"),
                       CallDone(2, "f", "{}")}),
              ElementsAre("0 reasoning: first", "0 reasoning: second", "0 done: ", "1 text: a", "1 refusal: no",
                          "1 done: ", "2 call: f", "2 input: {}", "2 done: "));
}

TEST(ItemSequence, BeginsWithTheItemThatBeginsFirstWhateverItsNumber) {
  EXPECT_THAT(StepsOf(OneByOne::kItems, {Text(3, "a"), Text(1, "b"), MessageDone(3, "a"), MessageDone(1, "b")}),
              ElementsAre("3 text: a", "3 done: ", "1 text: b", "1 done: "));
}

TEST(ItemSequence, HoldsNothingBackForEver) {
  EXPECT_THAT(StepsOf(OneByOne::kItems, {CallBegan(0, "a"), Text(1, "b"), Text(2, "c")}),
              ElementsAre("0 call: a", "1 text: b", "2 text: c"));
}

TEST(ItemSequence, OverlooksALateWordAboutAnItemThatIsOver) {
  EXPECT_THAT(StepsOf(OneByOne::kItems, {MessageDone(0, "a"), Text(0, "b"), MessageDone(0, "ab")}),
              ElementsAre("0 text: a", "0 done: "));
}

TEST(ItemSequence, BoundsWhatWaits) {
  Told told;
  ItemSequence sequence(told, OneByOne::kCalls);
  ASSERT_TRUE(sequence.Read(Event("started {}")).ok());
  ASSERT_TRUE(sequence.Read(CallBegan(0, "a")).ok());
  ASSERT_TRUE(sequence.Read(CallBegan(1, "b")).ok());
  GenerateEvent piece = Input(1, "");
  piece.mutable_tool_input_delta()->set_text(std::string(1 << 20, 'x'));
  std::size_t taken = 0;
  while (sequence.Read(piece).ok()) taken += 1 << 20;
  EXPECT_LE(taken, ItemSequence::kMaxWaitingBytes);
  EXPECT_GT(taken, ItemSequence::kMaxWaitingBytes - (2 << 20));
}

TEST(ItemSequence, RefusesWhatCannotHappen) {
  for (const char* bad : {"text_delta { text: 'x' }", "finished {}", "failed {}"}) {
    Told told;
    EXPECT_FALSE(ItemSequence(told, OneByOne::kItems).Read(Event(bad)).ok()) << "before the start: " << bad;
    EXPECT_THAT(told.steps, IsEmpty());
  }
  for (const char* bad : {"started {}", "text_delta { index: -1 text: 'x' }", "text_delta { index: 4096 text: 'x' }",
                          "tool_input_delta { text: 'x' }", "failed {}"}) {
    Told told;
    ItemSequence sequence(told, OneByOne::kItems);
    ASSERT_TRUE(sequence.Read(Event("started {}")).ok());
    const auto read = sequence.Read(Event(bad));
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::kProtocol);
  }
}

TEST(ItemSequence, TellsTheCitationsThatWereNotStreamed) {
  Told told;
  ItemSequence items(told, OneByOne::kItems);
  for (const char* event : {
           R"(started {})",
           R"(text_delta { text: "Sun." })",
           R"(annotation_added { citation { web { url: "a" } end: 3 } })",
           R"(item_done { item { message { parts { text: "Sun." citations { web { url: "a" } end: 3 }
                                                                citations { web { url: "b" } end: 4 } }
                                           parts { text: "Rain." citations { web { url: "c" } } } } } })",
       }) {
    ASSERT_TRUE(items.Read(Event(event)).ok()) << event;
  }
  EXPECT_THAT(told.steps, ElementsAre("started", "0 text: Sun.", "0 citation in part 0: a", "0 citation in part 0: b",
                                      "0 text: Rain.", "0 citation in part 1: c", "0 done: "));
}

}  // namespace
}  // namespace patchbay::frontend
