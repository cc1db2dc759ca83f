// What a stream of Messages says beside its blocks, which are in the golden files: how long the request was, how much
// was thought, and that the provider's policy ended it.
#include "workers/frontend/dialects/anthropic/event_encoder.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/frontend/dialects/anthropic/reply_testing.h"

namespace patchbay::frontend::anthropic {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The stream of an answer to a request of about 1200 tokens, as far as it has come.
class Stream {
 public:
  explicit Stream(ReplyOptions options = {})
      : encoder_({.id = "msg_1", .model = "m", .input_tokens = 1200}, std::move(options)) {}

  Stream& Told(std::initializer_list<const char*> events) {
    for (const char* text : events) {
      inference::v1::GenerateEvent event;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
      EXPECT_TRUE(encoder_.Encode(event, text_).ok()) << text;
    }
    return *this;
  }
  std::string Broken(Problem::Kind kind) {
    encoder_.EncodeBreak(Problem(kind, "the provider's words"), text_);
    return text_;
  }
  const std::string& text() const { return text_; }

 private:
  EventEncoder encoder_;
  std::string text_;
};

constexpr const char* kStarted = R"pb(started { response_id: "r" })pb";
constexpr const char* kBegun = R"pb(item_began {
                                      index: 0
                                      item { message { role: ROLE_ASSISTANT } }
                                    })pb";
constexpr const char* kText = R"pb(text_delta { index: 0 part: 0 text: "Hel" })pb";

TEST(MessagesStream, BeginsWithAnEstimateAndEndsWithWhatWasCounted) {
  Stream stream;
  stream.Told({kStarted});
  EXPECT_THAT(stream.text(), HasSubstr(R"("usage":{"input_tokens":1200,"cache_creation_input_tokens":0,)"));
  stream.Told({R"pb(usage_reported { usage { input_tokens: 1000 cached_input_tokens: 100 output_tokens: 7 } })pb",
               R"pb(finished { reason: FINISH_REASON_STOP })pb"});
  const auto message = CollectStream(stream.text());
  EXPECT_EQ(message.at("usage").at("input_tokens").as_int64(), 900);
  EXPECT_EQ(message.at("usage").at("cache_read_input_tokens").as_int64(), 100);
}

TEST(MessagesStream, KeepsTheEstimateWhereNobodyCounted) {
  Stream stream;
  stream.Told({kStarted, R"pb(finished { reason: FINISH_REASON_STOP })pb"});
  EXPECT_EQ(CollectStream(stream.text()).at("usage").at("input_tokens").as_int64(), 1200);
}

TEST(MessagesStream, CountsNoThinkingButHasThePlaceForIt) {
  ReplyOptions options;
  options.thinking = true;
  constexpr const char* kThought = R"pb(reasoning_delta { index: 0 part: 0 text: "So" })pb";
  constexpr const char* kReasoning = R"pb(item_began {
                                            index: 0
                                            item { reasoning {} }
                                          })pb";
  EXPECT_THAT(Stream(options).Told({kStarted, kReasoning, kThought}).text(), Not(HasSubstr("estimated_tokens")));
  options.count_thinking = true;
  EXPECT_THAT(Stream(options).Told({kStarted, kReasoning, kThought}).text(),
              HasSubstr(R"("delta":{"type":"thinking_delta","estimated_tokens":null,"thinking":"So"})"));
}

TEST(MessagesStream, EndsInARefusalWhenThePolicyBreaksItOff) {
  Stream stream;
  stream.Told({kStarted, kBegun, kText});
  const std::string told = stream.Broken(Problem::Kind::kPolicy);
  const auto message = CollectStream(told);
  EXPECT_EQ(message.at("stop_reason").as_string(), "refusal");
  EXPECT_EQ(message.at("stop_details").at("explanation").as_string(), "the provider's words");
  EXPECT_TRUE(message.at("stop_details").at("category").is_null());
  EXPECT_EQ(message.at("content").at(0).at("text").as_string(), "Hel");
  EXPECT_EQ(message.at("usage").at("input_tokens").as_int64(), 1200);
}

TEST(MessagesStream, RefusesWholeWhereOnlyPingsWereSent) {
  EXPECT_THAT(Stream().Broken(Problem::Kind::kPolicy),
              AllOf(StartsWith("event: message_start\n"),
                    EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")));
}

TEST(MessagesStream, HasNoEndWhenAnythingElseBreaksItOff) {
  for (const auto kind : {Problem::Kind::kProvider, Problem::Kind::kBadRequest, Problem::Kind::kContextTooLong}) {
    Stream stream;
    stream.Told({kStarted, kBegun, kText});
    EXPECT_THAT(stream.Broken(kind), AllOf(HasSubstr("event: error\n"), Not(HasSubstr("message_stop"))));
  }
}

}  // namespace
}  // namespace patchbay::frontend::anthropic
