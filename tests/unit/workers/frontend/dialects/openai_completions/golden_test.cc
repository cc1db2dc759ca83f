// Every folder of tests/golden/openai_completions: request.json → canonical.txtpb, events.txtpb → stream.sse and
// response.json; and what holds for every answer, also for those of tests/golden/openai_chat. An answer that breaks off
// has its failure in failure.txtpb.
#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/openai_completions/event_encoder.h"
#include "workers/frontend/dialects/openai_completions/request_decoder.h"
#include "workers/frontend/dialects/openai_completions/response_encoder.h"

namespace patchbay::frontend::openai_completions {
namespace {

using Path = std::filesystem::path;

Result<DecodedRequest> Request(const Path& path) {
  if (!testing::HasFile(path, "request.json")) return DecodeRequest(R"({"model":"m","prompt":"p"})");
  return DecodeRequest(*testing::ReadGolden(path, "request.json"));
}

ReplyIdentity Identity(const Result<DecodedRequest>& request) {
  ReplyIdentity identity{.id = "cmpl-1", .model = "gpt-5.5", .created = 1787390000, .echo = ""};
  if (!request.ok()) return identity;
  identity.echo = request->echo;
  return identity;
}

class CompletionsGoldenRequest : public ::testing::TestWithParam<Path> {};
class CompletionsGoldenReply : public ::testing::TestWithParam<Path> {};
class CompletionsReply : public ::testing::TestWithParam<Path> {};

TEST_P(CompletionsGoldenRequest, IsDecoded) {
  const auto request = Request(GetParam());
  if (!request.ok()) return ExpectGolden(GetParam(), "canonical.txtpb", Described(request.error()));
  std::vector<std::string> wishes;
  for (const auto& wish : request->wishes) wishes.push_back(wish.field);
  std::string facts = request->stream ? "# stream\n" : "";
  if (request->include_usage) facts += "# include_usage\n";
  if (!request->echo.empty()) facts += "# echo: " + request->echo + "\n";
  facts += Listed("ignored", request->ignored) + Listed("wishes", wishes);
  ExpectGolden(GetParam(), "canonical.txtpb", Described(request->request, facts));
}

TEST_P(CompletionsGoldenReply, IsStreamedAndCollected) {
  const auto request = Request(GetParam());
  EventEncoder stream_encoder(Identity(request), request.ok() && request->include_usage);
  ResponseEncoder whole_encoder(Identity(request));
  std::string stream;
  for (const auto& event : GoldenEvents(GetParam())) {
    ASSERT_TRUE(stream_encoder.Encode(event, stream).ok());
    ASSERT_TRUE(whole_encoder.Add(event).ok());
  }
  const auto failure = GoldenFailure(GetParam());
  EXPECT_NE(stream_encoder.ended(), failure.has_value());
  if (failure) stream_encoder.EncodeBreak(*failure, stream);
  ExpectGolden(GetParam(), "stream.sse", stream);
  const auto whole = whole_encoder.Encode();
  ASSERT_NE(whole.ok(), failure.has_value());
  ExpectGolden(GetParam(), "response.json", (failure ? OpenAiErrorAnswer(*failure).body : *whole) + "\n");
}

TEST_P(CompletionsReply, IsTheSameStreamedAndCollectedAndEndsOnce) {
  const auto request = Request(GetParam());
  const ReplyIdentity identity = request.ok() ? Identity(request) : Identity(DecodeRequest(""));
  EventEncoder stream_encoder(identity, true);
  ResponseEncoder whole_encoder(identity);
  std::string stream, text, finish;
  for (const auto& event : GoldenEvents(GetParam())) {
    ASSERT_TRUE(stream_encoder.Encode(event, stream).ok());
    ASSERT_TRUE(whole_encoder.Add(event).ok());
  }
  boost::json::object logprobs;  // the lists of all pieces, one behind the other
  std::vector<std::string> data;
  wire::SseParser parser;
  ASSERT_TRUE(parser.Feed(stream, [&](const wire::SseEvent& event) { data.emplace_back(event.data); }).ok());
  EXPECT_EQ(std::count(data.begin(), data.end(), "[DONE]"), 1);
  EXPECT_EQ(data.back(), "[DONE]");
  data.pop_back();
  for (const auto& each : data) {
    const auto chunk = *wire::ParseJson(each);
    EXPECT_EQ(wire::FindString(chunk, "id"), "cmpl-1");
    for (const auto& choice : chunk.at("choices").as_array()) {
      text += wire::FindString(choice, "text");
      finish += wire::FindString(choice, "finish_reason");
      if (choice.at("logprobs").is_null()) continue;
      for (const auto& [name, list] : choice.at("logprobs").as_object()) {
        boost::json::value& all = logprobs[name];
        if (all.is_null()) all.emplace_array();
        for (const auto& element : list.as_array()) all.as_array().push_back(element);
      }
    }
  }
  const auto whole = wire::ParseJson(*whole_encoder.Encode())->at("choices").as_array()[0];
  EXPECT_EQ(text, wire::FindString(whole, "text"));
  EXPECT_EQ(finish, wire::FindString(whole, "finish_reason"));
  EXPECT_EQ(logprobs.empty() ? boost::json::value() : boost::json::value(logprobs), whole.at("logprobs"));
}

TEST_P(CompletionsReply, DoesNotDependOnHowItsDeltasAreCut) {
  const auto request = Request(GetParam());
  const ReplyIdentity identity = request.ok() ? Identity(request) : Identity(DecodeRequest(""));
  const auto text_and_end = [&](const std::vector<inference::v1::GenerateEvent>& events) {
    EventEncoder encoder(identity, true);
    std::string stream, text, last;
    for (const auto& event : events) EXPECT_TRUE(encoder.Encode(event, stream).ok());
    wire::SseParser parser;
    EXPECT_TRUE(parser
                    .Feed(stream,
                          [&](const wire::SseEvent& event) {
                            if (event.data == "[DONE]") return;
                            const auto chunk = *wire::ParseJson(event.data);
                            last = event.data;
                            const auto* choices = wire::FindMember(chunk, "choices");
                            if (choices == nullptr || choices->get_array().empty()) return;
                            text += wire::FindString(choices->get_array()[0], "text");
                          })
                    .ok());
    return text + "\n" + last;
  };
  const auto events = GoldenEvents(GetParam());
  const std::string whole = text_and_end(events);
  for (const std::size_t size : kCutSizes) EXPECT_EQ(text_and_end(CutDeltas(events, size)), whole) << size;
}

TEST_P(CompletionsReply, TakesNothingAfterItsEnd) {
  EventEncoder encoder(Identity(DecodeRequest("")), true);
  std::string stream;
  const auto events = GoldenEvents(GetParam());
  for (const auto& event : events) ASSERT_TRUE(encoder.Encode(event, stream).ok());
  const std::size_t size = stream.size();
  for (const auto& event : events) EXPECT_FALSE(encoder.Encode(event, stream).ok());
  EXPECT_EQ(stream.size(), size);
}

INSTANTIATE_TEST_SUITE_P(OpenAiCompletions, CompletionsGoldenRequest,
                         ::testing::ValuesIn(GoldenCasesWith("openai_completions", "request.json")), GoldenName);
INSTANTIATE_TEST_SUITE_P(OpenAiCompletions, CompletionsGoldenReply,
                         ::testing::ValuesIn(GoldenCasesWith("openai_completions", "events.txtpb")), GoldenName);
INSTANTIATE_TEST_SUITE_P(OpenAiCompletions, CompletionsReply,
                         ::testing::ValuesIn(GoldenWholeAnswers("openai_completions")), GoldenName);
INSTANTIATE_TEST_SUITE_P(ChatAnswers, CompletionsReply, ::testing::ValuesIn(GoldenWholeAnswers("openai_chat")),
                         GoldenName);

}  // namespace
}  // namespace patchbay::frontend::openai_completions
