// How an answer ends that its provider breaks off, in every dialect: a stream tells it once, in the dialect's own words
// and without an end of its own; a whole answer has sent nothing, so nothing is told of it and no end is invented.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/call/attempt_reply.h"
#include "workers/frontend/dialects/registry.h"

namespace patchbay::frontend {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Case {
  std::string name, dialect;
  std::string request, streamed_request;  // for the dialects that say in the body whether they stream
  std::string suffix, streamed_suffix;    // for the one that says it in the path
  std::string query;
  std::string error_begins;  // what the stream says of the break
  std::string end;           // what only an answer that came to its end says
  bool relay = false;        // in the provider's bytes
  std::string opening = {};  // what any stream begins with, also one that breaks at once
};

std::vector<Case> Cases() {
  return {
      {"openai_chat", "openai_chat", R"({"model":"m","messages":[{"role":"user","content":"x"}]})",
       R"({"model":"m","messages":[{"role":"user","content":"x"}],"stream":true})", "", "", "",
       R"(data: {"error":{"message":"it broke")", "[DONE]"},
      {"openai_completions", "openai_completions", R"({"model":"m","prompt":"x"})",
       R"({"model":"m","prompt":"x","stream":true})", "", "", "", R"(data: {"error":{"message":"it broke")", "[DONE]"},
      {"anthropic", "anthropic", R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})",
       R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"stream":true})", "", "", "",
       "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"it broke\"}",
       "message_stop"},
      {"gemini_events", "gemini", R"({"contents":[{"parts":[{"text":"x"}]}]})",
       R"({"contents":[{"parts":[{"text":"x"}]}]})", ":generateContent", ":streamGenerateContent", "alt=sse",
       R"(data: {"error":{"code":502,"message":"it broke")", "finishReason"},
      {"gemini_array", "gemini", R"({"contents":[{"parts":[{"text":"x"}]}]})",
       R"({"contents":[{"parts":[{"text":"x"}]}]})", ":generateContent", ":streamGenerateContent", "",
       R"({"error":{"code":502,"message":"it broke")", "finishReason"},
      {"openai_images", "openai_images_generations", R"({"prompt":"x"})", R"({"prompt":"x","stream":true})", "", "", "",
       "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"it broke\"", "completed"},
      {"openai_image_edits", "openai_images_edits", R"({"prompt":"x","image":"data:image/png;base64,iVBO"})",
       R"({"prompt":"x","image":"data:image/png;base64,iVBO","stream":true})", "", "", "",
       "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"it broke\"", "completed"},
      {"openai_responses", "openai_responses", R"({"model":"m","input":"x"})",
       R"({"model":"m","input":"x","stream":true})", "", "", "", R"(event: response.failed)", "response.completed",
       false, "event: response.created"},
      {"openai_responses_relayed", "openai_responses", R"({"model":"m","input":"x"})",
       R"({"model":"m","input":"x","stream":true})", "", "", "", R"(event: response.failed)", "response.completed",
       true},
  };
}

const Dialects& EveryDialect() {
  static const SystemClock kClock;
  static const Dialects kDialects(kClock);
  return kDialects;
}

class BreakingOff : public ::testing::TestWithParam<Case> {
 protected:
  // An encoder for one attempt that has told of the beginning of an answer, or of nothing yet.
  AttemptReply Encoder(bool stream, bool output, std::string& out) {
    const Case& given = GetParam();
    DialectRequest request;
    request.body = stream ? given.streamed_request : given.request;
    request.argument = "m";
    request.suffix = stream ? given.streamed_suffix : given.suffix;
    request.query = given.query;
    request.unique = "1";
    const auto decoded = EveryDialect().Find(given.dialect)->Decode(std::move(request));
    EXPECT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_EQ(decoded->reply.stream, stream);
    CallRoute route;
    route.relay = given.relay;
    AttemptReply encoder(decoded->reply, route);
    if (!output) return encoder;
    if (given.relay) {
      EXPECT_TRUE(encoder.Bytes(kProvidersBytes, out).ok());
      return encoder;
    }
    for (const char* text : kProvidersEvents) {
      inference::v1::GenerateEvent event;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event));
      EXPECT_TRUE(encoder.Event(event, out).ok());
    }
    return encoder;
  }

  static constexpr const char* kProvidersEvents[] = {R"pb(started { response_id: "resp_1" })pb",
                                                     R"pb(item_began {
                                                            index: 0
                                                            item { message { role: ROLE_ASSISTANT } }
                                                          })pb",
                                                     R"pb(text_delta { index: 0 text: "Once upon" })pb",
                                                     R"pb(hosted_tool_progress {
                                                            index: 1
                                                            stage: "partial_image"
                                                            partial_image { data_base64: "iVBO" }
                                                          })pb"};
  static constexpr const char* kProvidersBytes =
      "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n"
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Once upon\"}\n\n";

  const Problem problem_{Problem::Kind::kProvider, "it broke"};
};

TEST_P(BreakingOff, IsAllThatAStreamSaysWhichHasSaidNothing) {
  std::string out;
  Encoder(true, false, out)->Break(problem_, out);
  if (!out.empty() && out.front() == '[') out.erase(0, 1);  // of an array
  const bool opens = !GetParam().opening.empty();
  EXPECT_THAT(out, StartsWith(opens ? GetParam().opening : GetParam().error_begins));
  EXPECT_THAT(out, HasSubstr(GetParam().error_begins));
  EXPECT_THAT(out, HasSubstr("it broke"));
  EXPECT_THAT(out, Not(HasSubstr(GetParam().end)));
}

TEST_P(BreakingOff, FollowsWhatAStreamHasSaid) {
  std::string out;
  const auto encoder = Encoder(true, true, out);
  const std::string said = out;
  ASSERT_FALSE(said.empty());
  encoder->Break(problem_, out);
  ASSERT_THAT(out, StartsWith(said));
  EXPECT_THAT(out.substr(said.size()), HasSubstr(GetParam().error_begins));
  EXPECT_THAT(out.substr(said.size()), HasSubstr("it broke"));
  EXPECT_THAT(out, Not(HasSubstr(GetParam().end)));
}

TEST_P(BreakingOff, IsNotToldByAWholeAnswerWhichHasSentNothing) {
  for (const bool output : {false, true}) {
    std::string out;
    const auto encoder = Encoder(false, output, out);
    encoder->Break(problem_, out);
    EXPECT_EQ(out, "") << "with output: " << output;
  }
}

TEST_P(BreakingOff, LeavesAWholeAnswerWithoutAnEnd) {
  for (const bool output : {false, true}) {
    std::string out;
    const auto ended = Encoder(false, output, out)->End(out);
    ASSERT_FALSE(ended.ok()) << "with output: " << output;
    EXPECT_EQ(ended.error().code, ErrorCode::kProtocol);
    EXPECT_EQ(out, "");
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDialect, BreakingOff, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

// A failure is the engine's to handle: among the events of an answer it is a bug, and told as one.
class AFailure : public ::testing::TestWithParam<const char*> {};

TEST_P(AFailure, IsNoPartOfAnAnswer) {
  for (const Case& given : Cases()) {
    if (given.relay) continue;  // sees no events at all
    DialectRequest request;
    request.body = given.streamed_request;
    request.argument = "m";
    request.suffix = given.streamed_suffix;
    const auto decoded = EveryDialect().Find(given.dialect)->Decode(std::move(request));
    ASSERT_TRUE(decoded.ok());
    AttemptReply encoder(decoded->reply, {});
    std::string out;
    inference::v1::GenerateEvent event;
    event.mutable_started();
    if (std::string_view(GetParam()) == "midway") {
      ASSERT_TRUE(encoder.Event(event, out).ok());
    }
    const std::string said = out;
    event.mutable_failed()->mutable_failure()->set_message("it broke");
    const auto read = encoder.Event(event, out);
    ASSERT_FALSE(read.ok()) << given.name;
    EXPECT_EQ(read.error().code, ErrorCode::kProtocol);
    EXPECT_EQ(out, said);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDialect, AFailure, ::testing::Values("at_once", "midway"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace patchbay::frontend
