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
    break;
  }
  return stream;
}

class EveryMessage : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  const Events events_ = GoldenEvents(GetParam());
  const ReplyOptions options_ = OptionsOf(GetParam());
};

TEST_P(EveryMessage, IsTheSameStreamedAndCollected) {
  const boost::json::object collected = CollectStream(StreamOf(events_, options_));
  ResponseEncoder encoder(Identity(), options_);
  bool broken = false;
  for (const auto& event : events_) broken = broken || !encoder.Add(event).ok();
  if (broken || encoder.problem()) {
    EXPECT_TRUE(collected.contains("error"));
    return;
  }
  EXPECT_EQ(boost::json::value(collected), *wire::ParseJson(*encoder.Encode()));
}

TEST_P(EveryMessage, DoesNotDependOnHowItsDeltasAreCut) {
  const boost::json::object whole = CollectStream(StreamOf(events_, options_));
  for (const std::size_t size : kCutSizes) {
    EXPECT_EQ(CollectStream(StreamOf(CutDeltas(events_, size), options_)), whole) << size;
  }
}

TEST_P(EveryMessage, TellsTheSameWhenTheProviderSendsNoDeltas) {
  Events bare;
  for (GenerateEvent event : events_) {
    if (DeltaText(event) == nullptr && !event.has_annotation_added()) bare.push_back(std::move(event));
  }
  boost::json::object whole = CollectStream(StreamOf(events_, options_));
  boost::json::object without = CollectStream(StreamOf(bare, options_));
  // A case whose items never come to their end has nothing but deltas, and citations need their text.
  std::size_t done = 0, began = 0;
  bool cites = false;
  for (const auto& event : events_) {
    done += event.has_item_done() ? 1 : 0;
    began += event.has_item_began() ? 1 : 0;
    cites = cites || event.has_annotation_added();
  }
  if (done != began || cites) return;
  EXPECT_EQ(without, whole);
}

TEST_P(EveryMessage, TakesNothingAfterItsEnd) {
  EventEncoder encoder(Identity(), options_);
  std::string stream;
  for (const auto& event : events_) {
    if (!encoder.Encode(event, stream).ok()) return;
  }
  ASSERT_TRUE(encoder.ended());
  for (const auto& event : events_) EXPECT_FALSE(encoder.Encode(event, stream).ok());
}

INSTANTIATE_TEST_SUITE_P(Anthropic, EveryMessage, ::testing::ValuesIn(GoldenCasesWith("anthropic", "events.txtpb")),
                         GoldenName);

GenerateEvent Event(const std::string& text) {
  GenerateEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  return event;
}

TEST(MessagesReply, StopsAtASequenceWhereverItIsCut) {
  ReplyOptions options;
  options.stops = {"STOP", "\n\nHuman:"};
  const std::string text = "before STOP after";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Events events = {Event("started {}"), Event("text_delta { text: '" + text + "' }"),
                     Event("item_began { index: 1 item { tool_call { call_id: 'c' name: 'f' } } }"),
                     Event("usage_reported { usage { output_tokens: 9 } }"),
                     Event("finished { reason: FINISH_REASON_TOOL_CALLS }")};
    const boost::json::object message = CollectStream(StreamOf(CutDeltas(events, size), options));
    EXPECT_EQ(message.at("stop_reason"), "stop_sequence");
    EXPECT_EQ(message.at("stop_sequence"), "STOP");
    ASSERT_EQ(message.at("content").as_array().size(), 1u);
    EXPECT_EQ(message.at("content").at(0).at("text"), "before ");
    EXPECT_EQ(message.at("usage").at("output_tokens"), 9);
  }
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
