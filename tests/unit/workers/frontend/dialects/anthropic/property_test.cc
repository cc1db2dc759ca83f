// What holds for every answer, shown over every golden case.
#include <functional>

#include "tests/unit/workers/frontend/dialects/anthropic/reply_testing.h"

namespace patchbay::frontend::anthropic {
namespace {

using inference::v1::GenerateEvent;

std::string StreamOf(const Events& events, const ReplyOptions& options) {
  EventEncoder encoder(Identity(), options);
  std::string stream;
  for (const auto& event : events) {
    const auto encoded = encoder.Encode(event, stream);
    if (encoded.ok()) continue;
    encoder.EncodeBreak(ProblemOf(encoded.error()), stream);
    return stream;
  }
  if (!encoder.ended()) encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "the answer broke off"), stream);
  return stream;
}

class EveryMessage : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  const Events events_ = GoldenEvents(GetParam());
  const ReplyOptions options_ = OptionsOf(GetParam());
};

class EveryWholeMessage : public EveryMessage {};
class EveryMessageWithWholeItems : public EveryMessage {};

TEST_P(EveryMessage, BreaksOffStreamedIfItDoesCollected) {
  const boost::json::object collected = CollectStream(StreamOf(events_, options_));
  ResponseEncoder encoder(Identity(), options_);
  bool broken = false;
  for (const auto& event : events_) broken = broken || !encoder.Add(event).ok();
  EXPECT_EQ(collected.contains("error"), broken || !encoder.Encode().ok());
}

TEST_P(EveryWholeMessage, IsTheSameStreamedAndCollected) {
  ResponseEncoder encoder(Identity(), options_);
  for (const auto& event : events_) ASSERT_TRUE(encoder.Add(event).ok());
  EXPECT_EQ(boost::json::value(CollectStream(StreamOf(events_, options_))), *wire::ParseJson(*encoder.Encode()));
}

TEST_P(EveryMessage, DoesNotDependOnHowItsDeltasAreCut) {
  const boost::json::object whole = CollectStream(StreamOf(events_, options_));
  for (const std::size_t size : kCutSizes) {
    EXPECT_EQ(CollectStream(StreamOf(CutDeltas(events_, size), options_)), whole) << size;
  }
}

TEST_P(EveryMessageWithWholeItems, TellsTheSameWhenTheProviderSendsNoDeltas) {
  Events bare;
  for (GenerateEvent event : events_) {
    if (DeltaText(event) == nullptr && !event.has_annotation_added()) bare.push_back(std::move(event));
  }
  EXPECT_EQ(CollectStream(StreamOf(bare, options_)), CollectStream(StreamOf(events_, options_)));
}

TEST_P(EveryWholeMessage, TakesNothingAfterItsEnd) {
  EventEncoder encoder(Identity(), options_);
  std::string stream;
  for (const auto& event : events_) ASSERT_TRUE(encoder.Encode(event, stream).ok());
  ASSERT_TRUE(encoder.ended());
  for (const auto& event : events_) EXPECT_FALSE(encoder.Encode(event, stream).ok());
}

// All but those that the provider breaks off, and the one whose call no client could read.
std::vector<std::filesystem::path> WholeMessages() {
  auto cases = GoldenWholeAnswers("anthropic");
  std::erase_if(cases, [](const auto& golden_case) { return golden_case.filename() == "tool_input_is_no_json"; });
  return cases;
}

// Of those the ones that could come without deltas: an item that never comes to its end has nothing but deltas, and
// citations need their text.
std::vector<std::filesystem::path> MessagesWithWholeItems() {
  auto cases = WholeMessages();
  std::erase_if(cases, [](const auto& golden_case) {
    int unfinished = 0;
    bool cites = false;
    for (const auto& event : GoldenEvents(golden_case)) {
      unfinished += event.has_item_began() ? 1 : 0;
      unfinished -= event.has_item_done() ? 1 : 0;
      cites = cites || event.has_annotation_added();
    }
    return unfinished != 0 || cites;
  });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Anthropic, EveryMessage, ::testing::ValuesIn(GoldenCasesWith("anthropic", "events.txtpb")),
                         GoldenName);
INSTANTIATE_TEST_SUITE_P(Anthropic, EveryWholeMessage, ::testing::ValuesIn(WholeMessages()), GoldenName);
INSTANTIATE_TEST_SUITE_P(Anthropic, EveryMessageWithWholeItems, ::testing::ValuesIn(MessagesWithWholeItems()),
                         GoldenName);

// What is left out above is little, and stays little.
TEST(MessagesReply, IsComparedWithItsDeltalessSelfInNearlyEveryCase) {
  EXPECT_GE(MessagesWithWholeItems().size() * 5, WholeMessages().size() * 4);
}

GenerateEvent Event(const std::string& text) {
  GenerateEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  return event;
}

TEST(MessagesReply, TellsAtWhichSequenceTheProviderStopped) {
  const Events events = {Event("started {}"), Event("text_delta { text: 'before ' }"),
                         Event("finished { reason: FINISH_REASON_STOP stop_sequence: 'STOP' }")};
  const boost::json::object message = CollectStream(StreamOf(events, {}));
  EXPECT_EQ(message.at("stop_reason"), "stop_sequence");
  EXPECT_EQ(message.at("stop_sequence"), "STOP");
}

TEST(MessagesReply, RefusesEventsThatCannotHappen) {
  for (const char* bad : {"text_delta { text: 'x' }", "finished {}"}) {
    std::string stream;
    EXPECT_FALSE(EventEncoder(Identity(), {}).Encode(Event(bad), stream).ok()) << "before the start: " << bad;
  }
  for (const char* bad : {"started {}", "text_delta { index: -1 text: 'x' }", "text_delta { index: 5000 text: 'x' }",
                          "tool_input_delta { text: 'x' }"}) {
    EventEncoder encoder(Identity(), {});
    std::string stream;
    ASSERT_TRUE(encoder.Encode(Event("started {}"), stream).ok());
    EXPECT_FALSE(encoder.Encode(Event(bad), stream).ok()) << bad;
  }
}

}  // namespace
}  // namespace patchbay::frontend::anthropic
