#include "lib/wire/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Events = std::vector<std::pair<std::string, std::string>>;

// Feeds the pieces in order; the pieces live in their own allocations, so that a view that outlives
// its piece is caught by the sanitizers.
struct Reading {
  Events events;
  bool cut = false;
  bool failed = false;
};

Reading ReadPieces(const std::vector<std::string_view>& pieces, std::size_t max = SseParser::kMaxEventBytes) {
  Reading reading;
  SseParser parser(max);
  for (const std::string_view piece : pieces) {
    const std::vector<char> copy(piece.begin(), piece.end());
    const auto fed = parser.Feed({copy.data(), copy.size()},
                                 [&](const SseEvent& event) { reading.events.emplace_back(event.event, event.data); });
    reading.failed = reading.failed || !fed.ok();
  }
  reading.cut = parser.Finish();
  return reading;
}

Reading Read(std::string_view bytes) { return ReadPieces({bytes}); }

TEST(SseParser, ReadsNamedAndUnnamedEvents) {
  EXPECT_THAT(Read("event: ping\ndata: {}\n\ndata: [DONE]\n\n").events,
              ElementsAre(Pair("ping", "{}"), Pair("", "[DONE]")));
}

TEST(SseParser, JoinsDataLinesWithNewlines) {
  EXPECT_THAT(Read("data: a\ndata:b\ndata\ndata:  c\n\n").events, ElementsAre(Pair("", "a\nb\n\n c")));
}

TEST(SseParser, AcceptsEveryLineEnd) {
  const auto expected = ElementsAre(Pair("e", "1\n2"), Pair("", "3"));
  EXPECT_THAT(Read("event: e\ndata: 1\ndata: 2\n\ndata: 3\n\n").events, expected);
  EXPECT_THAT(Read("event: e\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n").events, expected);
  EXPECT_THAT(Read("event: e\rdata: 1\rdata: 2\r\rdata: 3\r\r").events, expected);
}

TEST(SseParser, SkipsByteOrderMarkOnlyAtTheStart) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "data: a\n\n\xEF\xBB\xBF"
                   "data: b\n\n")
                  .events,
              ElementsAre(Pair("", "a")));
}

TEST(SseParser, IgnoresCommentsIdsAndUnknownFields) {
  EXPECT_THAT(Read(": hello\nid: 7\nretry: 10\nfoo: bar\ndata: a\n: within\n\n: keepalive\n\n").events,
              ElementsAre(Pair("", "a")));
}

TEST(SseParser, DropsAnEventWithoutData) {
  EXPECT_THAT(Read("event: lost\n\ndata: kept\n\n").events, ElementsAre(Pair("", "kept")));
}

TEST(SseParser, KeepsAnEventWithEmptyData) { EXPECT_THAT(Read("data:\n\n").events, ElementsAre(Pair("", ""))); }

TEST(SseParser, HandsOutViewsIntoTheInputWhenTheEventLiesWhole) {
  const std::string bytes = "event: e\ndata: payload\n\n";
  SseParser parser;
  bool seen = false;
  ASSERT_TRUE(parser
                  .Feed(bytes,
                        [&](const SseEvent& event) {
                          seen = true;
                          EXPECT_EQ(event.data.data(), bytes.data() + bytes.find("payload"));
                          EXPECT_EQ(event.event.data(), bytes.data() + 7);
                        })
                  .ok());
  EXPECT_TRUE(seen);
}

TEST(SseParser, TellsWhetherTheStreamWasCut) {
  EXPECT_FALSE(Read("data: a\n\n").cut);
  EXPECT_FALSE(Read("data: a\n\n: keepal").cut);
  EXPECT_TRUE(Read("data: a\n").cut);
  EXPECT_TRUE(Read("data: a\n\nda").cut);
  EXPECT_TRUE(Read("event: a\n").cut);
}

TEST(SseParser, GivesTheSameEventsForAnySplit) {
  const std::string bytes =
      "\xEF\xBB\xBF: c\r\nevent: one\r\ndata: {\"a\":1}\r\n\r\ndata: x\rdata: y\r\rdata\n\nevent: two\n: c\ndata: "
      "\xC3\xA9\n"
      "data: z\n\n\n\nevent: none\n\nid: 3\ndata: end\n\nevent: cut\ndata: off\r";
  const Reading whole = Read(bytes);
  EXPECT_EQ(whole.events.size(), 5u);
  for (std::size_t i = 0; i <= bytes.size(); ++i) {
    for (std::size_t j = i; j <= bytes.size(); ++j) {
      const std::string_view view = bytes;
      const Reading split = ReadPieces({view.substr(0, i), view.substr(i, j - i), view.substr(j)});
      ASSERT_EQ(split.events, whole.events) << "split at " << i << " and " << j;
      ASSERT_EQ(split.cut, whole.cut);
    }
  }
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(std::string_view(bytes).substr(i, 1));
  EXPECT_EQ(ReadPieces(single).events, whole.events);
}

TEST(SseParser, GivesTheSameEventsForAnySplitOfRandomStreams) {
  constexpr std::string_view kTokens[] = {"data", "event",        ":",  " ",    "\n", "\r", "\r\n", "\n\n",
                                          "x",    "\xEF\xBB\xBF", "id", ": c\n"};
  std::mt19937 random(20240817);
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (std::size_t i = below(40); i > 0; --i) bytes += kTokens[below(std::size(kTokens))];
    const Reading whole = ReadPieces({bytes}, 24);
    std::vector<std::string_view> pieces;
    for (std::string_view rest = bytes; !rest.empty();) {
      pieces.push_back(rest.substr(0, below(5)));
      rest.remove_prefix(pieces.back().size());
    }
    const Reading split = ReadPieces(pieces, 24);
    ASSERT_EQ(split.events, whole.events) << testing::PrintToString(bytes);
    ASSERT_EQ(split.failed, whole.failed) << testing::PrintToString(bytes);
    if (!whole.failed) {
      ASSERT_EQ(split.cut, whole.cut) << testing::PrintToString(bytes);
    }
  }
}

TEST(SseParser, RefusesAnEventOverItsBoundAndStaysRefusing) {
  SseParser parser(32);
  Events events;
  const auto keep = [&](const SseEvent& event) { events.emplace_back(event.event, event.data); };
  ASSERT_TRUE(parser.Feed("data: 0123456789\n\ndata: 0123456789\n\ndata: 0123456789\n\n", keep).ok());
  EXPECT_EQ(events.size(), 3u);
  const auto fed = parser.Feed("data: " + std::string(40, 'x'), keep);
  ASSERT_FALSE(fed.ok());
  EXPECT_EQ(fed.error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(parser.Feed("\n\ndata: y\n\n", keep).ok());
  EXPECT_EQ(events.size(), 3u);
}

TEST(SseParser, DoesNotCountCommentsTowardsTheBound) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += ": keepalive\n";
  EXPECT_THAT(ReadPieces({bytes, "data: a\n\n"}, 16).events, ElementsAre(Pair("", "a")));
}

TEST(SseWriter, EscapesWhatSomeReadersTakeForTheEndOfALine) {
  std::string events = "data: {\"before\":\"\xE2\x80\xA8\"}\n\n";
  const std::size_t from = events.size();
  const std::string before = events;
  events += "data: {\"text\":\"a\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\x9C\xC2\x85\xC2\xA0\xC3\xA9\xE2\x80\xA8\"}\n\n";
  EscapeLineSeparators(events, from);
  EXPECT_EQ(events, before + "data: {\"text\":\"a\\u2028\\u2029\xE2\x80\x9C\\u0085\xC2\xA0\xC3\xA9\\u2028\"}\n\n");
  std::string cut = "\xE2\x80";
  EscapeLineSeparators(cut, 0);
  EXPECT_EQ(cut, "\xE2\x80");
}

TEST(SseWriter, WritesWhatTheParserReads) {
  std::string out;
  AppendSseEvent(out, "e", "one\ntwo\r\nthree\rfour");
  AppendSseData(out, "");
  out += kSseHeartbeat;
  AppendSseData(out, "[DONE]");
  EXPECT_THAT(Read(out).events, ElementsAre(Pair("e", "one\ntwo\nthree\nfour"), Pair("", ""), Pair("", "[DONE]")));
  EXPECT_THAT(Read(std::string(kSseHeartbeat)).events, IsEmpty());
  EXPECT_EQ(kSseHeartbeat.find('\n'), kSseHeartbeat.size() - 1) << "an empty line makes strict readers parse nothing";
}

}  // namespace
}  // namespace patchbay::wire
