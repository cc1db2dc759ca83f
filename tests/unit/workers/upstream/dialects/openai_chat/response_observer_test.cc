#include "workers/upstream/dialects/openai_chat/response_observer.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/upstream/dialects/openai_chat/golden.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"

namespace patchbay::upstream::openai_chat {
namespace {

const WallTime kObserved{std::chrono::seconds(1787390000)};

// What a summary says, in one text.
std::string Say(const ResponseSummary& summary) {
  return summary.response_id + " " + summary.model + " " + std::to_string(summary.finish_reason) + " " +
         (summary.ended ? "ended " : "open ") + (summary.failed ? summary.failure.ShortDebugString() : "") + " " +
         (summary.has_usage ? summary.usage.ShortDebugString() : "");
}

class ObservedGolden : public testing::TestWithParam<std::string> {};

// Whatever the decoder makes of a body, the observer sees its end alike.
TEST_P(ObservedGolden, EndsAsTheDecoderSays) {
  const std::string body = ReadAll(ChatGoldens() / GetParam() / "stream.sse");
  const auto dialect = MakeDialect({});
  const auto decoder = dialect->NewDecoder(kObserved);
  const auto observer = dialect->NewObserver(kObserved);
  GenerateEvents events;
  ASSERT_TRUE(decoder->Feed(body, events).ok());
  ASSERT_TRUE(decoder->End(events).ok());
  ASSERT_TRUE(observer->Feed(body).ok());
  ASSERT_TRUE(observer->End().ok());
  ResponseSummary seen = observer->summary();
  // Whether a tool was called stands in chunks that it does not read; the host said so itself in most.
  seen.finish_reason = decoder->summary().finish_reason;
  EXPECT_EQ(Say(seen), Say(decoder->summary()));
}

INSTANTIATE_TEST_SUITE_P(Chat, ObservedGolden, testing::ValuesIn(CasesIn(ChatGoldens(), "stream.sse")),
                         [](const auto& info) { return info.param; });

TEST(ChatResponseObserver, HoldsBackWhatHasBegun) {
  const std::string whole = "data: {\"id\":\"c\",\"choices\":[]}\n\n";
  for (const char* begun : {"", "dat", "data: {\"choices\":[{\"del", "data: {\"error\":{}}\n"}) {
    ChatResponseObserver observer;
    ASSERT_TRUE(observer.Feed(whole + begun).ok());
    EXPECT_EQ(observer.may_be_error(), std::string(begun).size()) << begun;
  }
}

TEST(ChatResponseObserver, SeesAFinishReasonWithBlanksAroundIt) {
  ChatResponseObserver observer;
  ASSERT_TRUE(observer.Feed("data: {\"id\": \"c\", \"choices\": []}\n\n").ok());
  ASSERT_TRUE(
      observer.Feed("data: {\"choices\": [{\"finish_reason\" : \"length\"}], \"usage\" : {\"prompt_tokens\": 1}}\n\n")
          .ok());
  EXPECT_TRUE(observer.summary().ended);
  EXPECT_EQ(observer.summary().finish_reason, inference::v1::FINISH_REASON_LENGTH);
}

}  // namespace
}  // namespace patchbay::upstream::openai_chat
