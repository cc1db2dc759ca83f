#include "workers/upstream/dialects/openai_chat/chunk_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/upstream/dialects/openai_chat/golden.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;
using testing::ElementsAre;

const WallTime kChatNow{std::chrono::seconds(1787390000)};

// The events of a body that ends as it should.
v1::Events DecodeChat(std::string_view body, const std::vector<std::size_t>& cuts = {}) {
  const auto dialect = MakeDialect({});
  const auto decoder = dialect->NewDecoder(kChatNow);
  v1::Events events;
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    EXPECT_TRUE(decoder->Feed(body.substr(begin, cut - begin), *events.mutable_events()).ok());
    begin = cut;
  }
  EXPECT_TRUE(decoder->Feed(body.substr(begin), *events.mutable_events()).ok());
  EXPECT_TRUE(decoder->End(*events.mutable_events()).ok());
  return events;
}

class GoldenChat : public testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path folder() const { return ChatGoldens() / GetParam(); }
};

TEST_P(GoldenChat, DecodesToItsCanonicalEvents) {
  ExpectGolden(folder() / "events.txtpb", ToText(DecodeChat(ReadAll(folder() / "stream.sse"))));
}

TEST_P(GoldenChat, GivesTheSameEventsForAnySplit) {
  const std::string stream = ReadAll(folder() / "stream.sse");
  const std::string whole = DecodeChat(stream).SerializeAsString();
  std::vector<std::size_t> every_byte(stream.size());
  for (std::size_t i = 0; i < stream.size(); ++i) every_byte[i] = i;
  EXPECT_EQ(DecodeChat(stream, every_byte).SerializeAsString(), whole);
  for (std::size_t cut = 0; cut <= stream.size(); cut += 7) {
    ASSERT_EQ(DecodeChat(stream, {cut}).SerializeAsString(), whole) << "cut at " << cut;
  }
}

// event.proto's grammar: Started, items with everything inside them, one terminal at the end.
TEST_P(GoldenChat, KeepsTheGrammar) {
  const v1::Events events = DecodeChat(ReadAll(folder() / "stream.sse"));
  std::map<int, std::string> open;  // what the deltas of an item said
  int next_index = 0;
  bool ended = false;
  for (const inf::GenerateEvent& event : events.events()) {
    ASSERT_FALSE(ended);
    switch (event.kind_case()) {
      case inf::GenerateEvent::kItemBegan:
        ASSERT_EQ(event.item_began().index(), next_index++);
        open[event.item_began().index()] = "";
        break;
      case inf::GenerateEvent::kTextDelta: open.at(event.text_delta().index()) += event.text_delta().text(); break;
      case inf::GenerateEvent::kRefusalDelta:
        open.at(event.refusal_delta().index()) += event.refusal_delta().text();
        break;
      case inf::GenerateEvent::kReasoningDelta:
        open.at(event.reasoning_delta().index()) += event.reasoning_delta().text();
        break;
      case inf::GenerateEvent::kToolInputDelta:
        open.at(event.tool_input_delta().index()) += event.tool_input_delta().text();
        break;
      case inf::GenerateEvent::kItemDone: {
        const inf::Item& item = event.item_done().item();
        std::string all = item.reasoning().text() + item.tool_call().input();
        for (const inf::Part& part : item.message().parts()) all += part.text() + part.refusal();
        EXPECT_EQ(all, open.at(event.item_done().index()));
        open.erase(event.item_done().index());
        break;
      }
      case inf::GenerateEvent::kFinished: EXPECT_TRUE(open.empty()); [[fallthrough]];
      case inf::GenerateEvent::kFailed: ended = true; break;
      default: break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Chat, GoldenChat, testing::ValuesIn(CasesIn(ChatGoldens(), "stream.sse")),
                         [](const auto& info) { return info.param; });

TEST(ChatDecoder, NeedsTheBodysProperEndWhereNothingElseEndsIt) {
  const auto dialect = MakeDialect({});
  const auto decoder = dialect->NewDecoder(kChatNow);
  GenerateEvents events;
  ASSERT_TRUE(decoder->Feed(ReadAll(ChatGoldens() / "finish_without_done" / "stream.sse"), events).ok());
  EXPECT_FALSE(decoder->summary().ended);
  ASSERT_TRUE(decoder->End(events).ok());
  EXPECT_TRUE(decoder->summary().ended);
  EXPECT_EQ(decoder->summary().finish_reason, inf::FINISH_REASON_STOP);
}

TEST(ChatDecoder, DoesNotInventAnEnd) {
  const v1::Events events = DecodeChat(ReadAll(ChatGoldens() / "cut_before_the_end" / "stream.sse"));
  EXPECT_TRUE(events.events().rbegin()->has_text_delta());
}

TEST(ChatDecoder, RefusesDocumentsThatAreNoAnswer) {
  const auto dialect = MakeDialect({});
  for (const char* body : {R"({"object":"list"})", R"({"choices":[]})"}) {
    GenerateEvents events;
    const Result<void> fed = dialect->NewDecoder(kChatNow)->Feed(body, events);
    ASSERT_FALSE(fed.ok()) << body;
    EXPECT_EQ(fed.error().code, ErrorCode::kProtocol);
    EXPECT_TRUE(events.empty());
  }
}

TEST(ChatDecoder, SummarisesWhatEndNeeds) {
  const auto dialect = MakeDialect({});
  const auto decoder = dialect->NewDecoder(kChatNow);
  GenerateEvents events;
  ASSERT_TRUE(decoder->Feed(ReadAll(ChatGoldens() / "plain_text" / "stream.sse"), events).ok());
  EXPECT_EQ(decoder->summary().response_id, "chatcmpl-1");
  EXPECT_EQ(decoder->summary().model, "m-1");
  EXPECT_EQ(decoder->summary().usage.input_tokens(), 31);
  EXPECT_EQ(decoder->summary().usage.cached_input_tokens(), 16);
  EXPECT_EQ(decoder->summary().usage.tier(), inf::TIER_STANDARD);
}

TEST(ChatDecoder, HasABoundForItems) {
  ChunkDecoder decoder;
  GenerateEvents events;
  Result<void> result;
  for (std::size_t i = 0; result.ok() && i <= kMaxAnswerItems; ++i) {
    result = decoder.Decode(R"({"choices":[{"delta":{"tool_calls":[{"index":)" + std::to_string(i) +
                                R"(,"id":"c","function":{"name":"f"}}]}}]})",
                            events);
    events.Clear();
  }
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace patchbay::upstream::openai_chat
