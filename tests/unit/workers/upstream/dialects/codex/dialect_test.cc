#include "workers/upstream/dialects/codex/dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/upstream/dialects/codex/golden.h"
#include "workers/upstream/dialects/common/responses/item_stream.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;
using Kind = inf::GenerateEvent::KindCase;

const WallTime kNow{std::chrono::seconds(1787390000)};

v1::Events Decode(std::string_view stream, const std::vector<std::size_t>& cuts = {}) {
  const auto decoder = CodexDialect().NewDecoder(kNow);
  v1::Events events;
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    EXPECT_TRUE(decoder->Feed(stream.substr(begin, cut - begin), *events.mutable_events()).ok());
    begin = cut;
  }
  EXPECT_TRUE(decoder->Feed(stream.substr(begin), *events.mutable_events()).ok());
  return events;
}

std::vector<Kind> Kinds(const v1::Events& events) {
  std::vector<Kind> kinds;
  for (const auto& event : events.events()) kinds.push_back(event.kind_case());
  return kinds;
}

class GoldenStream : public ::testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path folder() const { return GoldenRoot() / GetParam(); }
};

TEST_P(GoldenStream, DecodesToItsCanonicalEvents) {
  ExpectGolden(folder() / "events.txtpb", ToText(Decode(ReadAll(folder() / "stream.sse"))));
}

TEST_P(GoldenStream, GivesTheSameEventsForAnySplit) {
  const std::string stream = ReadAll(folder() / "stream.sse");
  const std::string whole = Decode(stream).SerializeAsString();
  for (std::size_t cut = 0; cut <= stream.size(); cut += stream.size() > 2000 ? 7 : 1) {
    ASSERT_EQ(Decode(stream, {cut}).SerializeAsString(), whole) << "cut at " << cut;
  }
  std::vector<std::size_t> every_byte(stream.size());
  for (std::size_t i = 0; i < stream.size(); ++i) every_byte[i] = i;
  EXPECT_EQ(Decode(stream, every_byte).SerializeAsString(), whole);

  std::mt19937 random(42);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::size_t> cuts(1 + random() % 8);
    for (std::size_t& cut : cuts) cut = random() % (stream.size() + 1);
    std::sort(cuts.begin(), cuts.end());
    ASSERT_EQ(Decode(stream, cuts).SerializeAsString(), whole);
  }
}

// Started first, items announced before they are spoken of and silent once done, dense indexes, at
// most one terminal and nothing after it.
TEST_P(GoldenStream, KeepsTheCanonicalGrammar) {
  const v1::Events events = Decode(ReadAll(folder() / "stream.sse"));
  int items = 0;
  std::vector<bool> done;
  bool ended = false;
  for (int i = 0; i < events.events_size(); ++i) {
    const inf::GenerateEvent& event = events.events(i);
    ASSERT_FALSE(ended) << "an event follows the terminal one";
    const auto expect_open = [&](int index) {
      ASSERT_LT(index, items);
      EXPECT_FALSE(done[static_cast<std::size_t>(index)]);
    };
    switch (event.kind_case()) {
      case Kind::kStarted: EXPECT_EQ(i, 0); break;
      case Kind::kItemBegan:
        EXPECT_EQ(event.item_began().index(), items++);
        done.push_back(false);
        break;
      case Kind::kItemDone:
        expect_open(event.item_done().index());
        done[static_cast<std::size_t>(event.item_done().index())] = true;
        break;
      case Kind::kTextDelta: expect_open(event.text_delta().index()); break;
      case Kind::kRefusalDelta: expect_open(event.refusal_delta().index()); break;
      case Kind::kReasoningDelta: expect_open(event.reasoning_delta().index()); break;
      case Kind::kToolInputDelta: expect_open(event.tool_input_delta().index()); break;
      case Kind::kAnnotationAdded: expect_open(event.annotation_added().index()); break;
      case Kind::kHostedToolProgress: expect_open(event.hosted_tool_progress().index()); break;
      case Kind::kUsageReported:
      case Kind::kRateLimitReported:
      case Kind::kOpaque: break;
      case Kind::kFinished:
      case Kind::kFailed: ended = true; break;
      case Kind::KIND_NOT_SET: ADD_FAILURE();
    }
    if (i == 0 && !event.has_failed()) {
      EXPECT_TRUE(event.has_started());
    }
  }
}

// What is concatenated from the deltas is what ItemDone says.
TEST_P(GoldenStream, DeltasAddUpToTheFinishedItems) {
  std::map<int, std::string> texts;
  const v1::Events events = Decode(ReadAll(folder() / "stream.sse"));
  for (const auto& event : events.events()) {
    if (event.has_text_delta()) texts[event.text_delta().index()] += event.text_delta().text();
    if (event.has_tool_input_delta()) texts[event.tool_input_delta().index()] += event.tool_input_delta().text();
    if (event.has_item_done() && event.item_done().item().has_message()) {
      std::string whole;
      for (const auto& part : event.item_done().item().message().parts()) whole += part.text();
      EXPECT_EQ(texts[event.item_done().index()], whole);
    }
    if (event.has_item_done() && event.item_done().item().has_tool_call()) {
      EXPECT_EQ(texts[event.item_done().index()], event.item_done().item().tool_call().input());
    }
  }
}

// The observer of the byte-transparent route sees the same end as the decoder.
TEST_P(GoldenStream, TellsTheObserverWhatItTellsTheDecoder) {
  const std::string stream = ReadAll(folder() / "stream.sse");
  const auto decoder = CodexDialect().NewDecoder(kNow);
  const auto observer = CodexDialect().NewObserver(kNow);
  v1::Events events;
  ASSERT_TRUE(decoder->Feed(stream, *events.mutable_events()).ok());
  for (std::size_t at = 0; at < stream.size(); at += 100) {
    ASSERT_TRUE(observer->Feed(std::string_view(stream).substr(at, 100)).ok());
  }
  const ResponseSummary& a = decoder->summary();
  const ResponseSummary& b = observer->summary();
  EXPECT_EQ(a.response_id, b.response_id);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.usage.SerializeAsString(), b.usage.SerializeAsString());
  EXPECT_EQ(a.finish_reason, b.finish_reason);
  EXPECT_EQ(a.failure.SerializeAsString(), b.failure.SerializeAsString());
  EXPECT_EQ(a.ended, b.ended);
  EXPECT_EQ(a.rate_limits.SerializeAsString(), b.rate_limits.SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Codex, GoldenStream, ::testing::ValuesIn(CasesWith("stream.sse")),
                         [](const auto& info) { return info.param; });

TEST(CodexDialect, ReadsMembersInAnyOrder) {
  const v1::Events events = Decode(
      "data: {\"delta\":\"hi\",\"output_index\":4,\"content_index\":1,\"type\":\"response.output_text.delta\"}\n\n");
  ASSERT_EQ(Kinds(events), (std::vector{Kind::kStarted, Kind::kItemBegan, Kind::kTextDelta}));
  EXPECT_EQ(events.events(2).text_delta().index(), 0);
  EXPECT_EQ(events.events(2).text_delta().part(), 1);
}

TEST(CodexDialect, InventsNoTerminalForACutStream) {
  const auto decoder = CodexDialect().NewDecoder(kNow);
  v1::Events events;
  ASSERT_TRUE(
      decoder->Feed(ReadAll(GoldenRoot() / "cut_before_the_end" / "stream.sse"), *events.mutable_events()).ok());
  EXPECT_FALSE(decoder->summary().ended);
}

TEST(CodexDialect, RepairsHalfASurrogatePair) {
  const v1::Events events = Decode(
      "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"a\\ud83d b\\\\ "
      "\\ud83d\\ude00\"}\n\n");
  EXPECT_EQ(events.events(2).text_delta().text(), "a\xEF\xBF\xBD b\\ \xF0\x9F\x98\x80");
}

TEST(CodexDialect, SurvivesNonsenseInEveryField) {
  const std::string nonsense[] = {"null", "1e400", "-1", "[]", "{}", "\"x\"", "true", "99999999999999999999", "[[[["};
  for (const char* type :
       {"response.created", "response.output_item.added", "response.output_item.done", "response.output_text.delta",
        "response.completed", "response.failed", "error", "codex.rate_limits", "response.web_search_call.searching"}) {
    for (const std::string& value : nonsense) {
      const auto decoder = CodexDialect().NewDecoder(kNow);
      v1::Events events;
      for (const char* key : {"response", "item", "output_index", "delta", "error", "rate_limits", "summary_index"}) {
        const std::string data = std::string("data: {\"type\":\"") + type + "\",\"" + key + "\":" + value + "}\n\n";
        EXPECT_TRUE(decoder->Feed(data, *events.mutable_events()).ok());
      }
      EXPECT_FALSE(events.SerializeAsString().empty() && events.events_size() > 0);
    }
  }
}

TEST(CodexDialect, CountsNothingBelowZero) {
  const auto decoder = CodexDialect().NewDecoder(kNow);
  v1::Events events;
  ASSERT_TRUE(
      decoder
          ->Feed("data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"usage\":{\"input_tokens\":-5,"
                 "\"output_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":-1}}}}\n\n",
                 *events.mutable_events())
          .ok());
  EXPECT_EQ(decoder->summary().usage.input_tokens(), 0);
  EXPECT_EQ(decoder->summary().usage.cached_input_tokens(), 0);
  EXPECT_EQ(decoder->summary().usage.output_tokens(), 7);
}

TEST(CodexDialect, RefusesEndlessItems) {
  const auto decoder = CodexDialect().NewDecoder(kNow);
  v1::Events events;
  Result<void> result;
  for (std::size_t i = 0; i <= responses::kMaxOutputItems && result.ok(); ++i) {
    result = decoder->Feed("data: {\"type\":\"response.output_text.delta\",\"delta\":\"x\",\"output_index\":" +
                               std::to_string(i) + "}\n\n",
                           *events.mutable_events());
    events.Clear();
  }
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
}

std::vector<std::string> Citations(const v1::Events& events) {
  std::vector<std::string> told;
  for (const auto& event : events.events()) {
    if (event.has_annotation_added()) told.push_back(event.annotation_added().citation().ShortDebugString());
  }
  return told;
}

TEST(CodexDialect, ReadsEveryKindOfAnnotation) {
  const auto annotation = [](const std::string& json) {
    return "data: {\"type\":\"response.output_text.annotation.added\",\"output_index\":0,\"annotation\":" + json +
           "}\n\n";
  };
  const v1::Events events = Decode(
      "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"Hi\"}\n\n" +
      annotation(R"({"type":"url_citation","start_index":1,"end_index":2,"title":"T","url":"https://e.example"})") +
      annotation(R"({"type":"file_citation","file_id":"file_1","filename":"a.pdf","index":7})") +
      annotation(R"({"type":"url_citation","start_index":-5,"end_index":99999999999,"url":"u"})") +
      annotation(R"({"type":"file_path","file_id":"f"})") + annotation("{}") + annotation("[]"));
  EXPECT_THAT(Citations(events),
              ::testing::ElementsAre(R"(web { url: "https://e.example" title: "T" } begin: 1 end: 2)",
                                     R"(file { file_id: "file_1" filename: "a.pdf" index: 7 })",
                                     R"(web { url: "u" } end: 2147483647)",
                                     R"(opaque { dialect: "openai_responses" type: "file_path" json: )"
                                     R"("{\"type\":\"file_path\",\"file_id\":\"f\"}" })"));
}

TEST(CodexDialect, TellsTheAnnotationsThatOnlyTheWholeItemHas) {
  const v1::Events events =
      Decode(R"(data: {"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[)"
             R"({"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"a"}]}]}})"
             "\n\n");
  EXPECT_THAT(Citations(events), ::testing::ElementsAre(R"(web { url: "a" })"));
  EXPECT_EQ(events.events().rbegin()->item_done().item().message().parts(0).citations_size(), 1);
}

}  // namespace
}  // namespace patchbay::upstream::codex
