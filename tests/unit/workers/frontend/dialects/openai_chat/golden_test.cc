// Every folder of tests/golden/openai_chat: request.json → canonical.txtpb, events.txtpb → stream.sse
// and response.json, and what is streamed is what is collected. An answer that breaks off has its failure in
// failure.txtpb.
#include "lib/testing/golden.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/openai_chat/event_encoder.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"
#include "workers/frontend/dialects/openai_chat/response_encoder.h"

namespace patchbay::frontend::openai_chat {
namespace {

namespace json = boost::json;

class Golden : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  void ExpectGolden(std::string_view file, std::string_view actual) {
    frontend::ExpectGolden(GetParam(), file, actual);
  }

  std::vector<inference::v1::GenerateEvent> Events() { return GoldenEvents(GetParam()); }

  Result<DecodedRequest> Request() { return DecodeRequest(*testing::ReadGolden(GetParam(), "request.json")); }

  ReplyIdentity Identity() {
    const auto request = Request();
    return {.id = "chatcmpl-1",
            .model = "gpt-5.5",
            .created = 1787390000,
            .legacy_functions = request.ok() && request->legacy_functions};
  }
};

std::string Describe(const Result<DecodedRequest>& decoded) {
  if (!decoded.ok()) return Described(decoded.error());
  std::string facts;
  if (decoded->stream) facts += "# stream\n";
  if (decoded->include_usage) facts += "# include_usage\n";
  if (decoded->legacy_functions) facts += "# legacy_functions\n";
  facts += Listed("ignored", decoded->ignored);
  facts += Listed("repaired", decoded->repaired);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  facts += Listed("wishes", wishes);
  return Described(decoded->request, facts);
}

// Puts a stream together as the SDKs do: message, finish_reason and usage.
json::object Collect(const std::string& stream) {
  json::object message;
  std::optional<std::string> content;
  std::string refusal, reasoning;
  json::array calls, annotations;
  json::object function_call;
  json::value finish, usage;
  wire::SseParser parser;
  EXPECT_TRUE(
      parser
          .Feed(stream,
                [&](const wire::SseEvent& event) {
                  if (event.data == "[DONE]") return;
                  const auto chunk = wire::ParseJson(event.data);
                  ASSERT_TRUE(chunk.ok()) << event.data;
                  if (const auto* told = wire::FindMember(*chunk, "usage"); told != nullptr && told->is_object())
                    usage = *told;
                  const auto* choices = wire::FindMember(*chunk, "choices");
                  if (choices == nullptr || choices->get_array().empty()) return;
                  const auto& choice = choices->get_array()[0];
                  if (const auto& reason = choice.at("finish_reason"); !reason.is_null()) finish = reason;
                  const auto& delta = choice.at("delta");
                  if (const auto* text = wire::FindMember(delta, "content"); text != nullptr && text->is_string())
                    content = content.value_or("").append(text->get_string());
                  refusal.append(wire::FindString(delta, "refusal"));
                  reasoning.append(wire::FindString(delta, "reasoning_content"));
                  if (const auto* list = wire::FindMember(delta, "annotations"))
                    annotations.push_back(list->get_array()[0]);
                  if (const auto* call = wire::FindMember(delta, "function_call")) {
                    if (const auto* name = wire::FindMember(*call, "name")) function_call["name"] = *name;
                    std::string arguments(
                        function_call.contains("arguments") ? function_call["arguments"].as_string().c_str() : "");
                    function_call["arguments"] = arguments.append(wire::FindString(*call, "arguments"));
                  }
                  if (const auto* list = wire::FindMember(delta, "tool_calls")) {
                    const auto& call = list->get_array()[0].get_object();
                    const auto index = static_cast<std::size_t>(call.at("index").as_int64());
                    if (index == calls.size()) {
                      calls.push_back(call);  // dense, in order
                      calls.back().get_object().erase("index");
                    } else {
                      ASSERT_EQ(index + 1, calls.size()) << "calls interleave";
                      const char* kind = call.contains("custom") ? "custom" : "function";
                      const char* member = call.contains("custom") ? "input" : "arguments";
                      auto& input = calls.back().at(kind).at(member).as_string();
                      input.append(wire::FindString(call.at(kind), member));
                    }
                  }
                })
          .ok());
  message["role"] = "assistant";
  message["content"] = content ? json::value(*content) : json::value();
  message["refusal"] = refusal.empty() ? json::value() : json::value(refusal);
  if (!reasoning.empty()) message["reasoning_content"] = reasoning;
  message["annotations"] = annotations;
  if (!calls.empty()) message["tool_calls"] = calls;
  if (!function_call.empty()) message["function_call"] = function_call;
  return {{"message", message}, {"finish_reason", finish}, {"usage", usage}};
}

class GoldenRequest : public Golden {};
class GoldenReply : public Golden {};
class GoldenAnswer : public Golden {};  // one that comes to its end

TEST_P(GoldenRequest, IsDecoded) { ExpectGolden("canonical.txtpb", Describe(Request())); }

TEST_P(GoldenReply, IsStreamed) {
  const auto request = Request();
  EventEncoder encoder(Identity(), request.ok() && request->include_usage);
  std::string stream;
  for (const auto& event : Events()) ASSERT_TRUE(encoder.Encode(event, stream).ok());
  const auto failure = GoldenFailure(GetParam());
  EXPECT_NE(encoder.ended(), failure.has_value());
  if (failure) encoder.EncodeBreak(*failure, stream);
  ExpectGolden("stream.sse", stream);
}

TEST_P(GoldenReply, IsCollected) {
  ResponseEncoder encoder(Identity());
  for (const auto& event : Events()) ASSERT_TRUE(encoder.Add(event).ok());
  const auto body = encoder.Encode();
  if (const auto failure = GoldenFailure(GetParam())) {
    EXPECT_FALSE(body.ok()) << "an end was invented";
    return ExpectGolden("response.json", OpenAiErrorAnswer(*failure).body + "\n");
  }
  ASSERT_TRUE(body.ok());
  ExpectGolden("response.json", *body + "\n");
}

TEST_P(GoldenAnswer, IsTheSameStreamedAndCollected) {
  EventEncoder stream_encoder(Identity(), true);
  ResponseEncoder whole_encoder(Identity());
  std::string stream;
  for (const auto& event : Events()) {
    ASSERT_TRUE(stream_encoder.Encode(event, stream).ok());
    ASSERT_TRUE(whole_encoder.Add(event).ok());
  }
  const json::value whole = *wire::ParseJson(*whole_encoder.Encode());
  const json::object collected = Collect(stream);
  const auto& choice = whole.at("choices").as_array()[0];
  EXPECT_EQ(json::value(collected.at("message")), choice.at("message"));
  EXPECT_EQ(collected.at("finish_reason"), choice.at("finish_reason"));
  const auto* usage = wire::FindMember(whole, "usage");
  EXPECT_EQ(collected.at("usage"), usage == nullptr ? json::value() : *usage);
}

// However the provider cuts its deltas, a client puts the same answer together.
TEST_P(GoldenAnswer, DoesNotDependOnHowItsDeltasAreCut) {
  const auto collected = [&](const std::vector<inference::v1::GenerateEvent>& events) {
    EventEncoder encoder(Identity(), true);
    std::string stream;
    for (const auto& event : events) EXPECT_TRUE(encoder.Encode(event, stream).ok());
    return Collect(stream);
  };
  const json::object whole = collected(Events());
  for (const std::size_t size : kCutSizes) EXPECT_EQ(collected(CutDeltas(Events(), size)), whole) << size;
}

// Every chunk tells of the same answer, and the end comes once and last.
TEST_P(GoldenAnswer, EndsOnceAndKeepsItsName) {
  EventEncoder encoder(Identity(), true);
  std::string stream;
  for (const auto& event : Events()) ASSERT_TRUE(encoder.Encode(event, stream).ok());
  std::vector<std::string> data;
  wire::SseParser parser;
  ASSERT_TRUE(parser.Feed(stream, [&](const wire::SseEvent& event) { data.emplace_back(event.data); }).ok());
  ASSERT_FALSE(data.empty());
  EXPECT_EQ(data.back(), "[DONE]");
  EXPECT_EQ(std::count(data.begin(), data.end(), "[DONE]"), 1);
  data.pop_back();
  for (const std::string& chunk : data) {
    const auto parsed = wire::ParseJson(chunk);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(wire::FindString(*parsed, "id"), "chatcmpl-1");
    EXPECT_EQ(wire::FindString(*parsed, "model"), "gpt-5.5");
  }
  // Nothing can be said after it.
  inference::v1::GenerateEvent late;
  late.mutable_text_delta()->set_text("late");
  const std::size_t size = stream.size();
  EXPECT_FALSE(encoder.Encode(late, stream).ok());
  EXPECT_EQ(stream.size(), size);
}

std::string NameOf(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.filename().string();
}

INSTANTIATE_TEST_SUITE_P(OpenAiChat, GoldenRequest, ::testing::ValuesIn(GoldenCasesWith("openai_chat", "request.json")),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(OpenAiChat, GoldenAnswer, ::testing::ValuesIn(GoldenWholeAnswers("openai_chat")), NameOf);
INSTANTIATE_TEST_SUITE_P(OpenAiChat, GoldenReply, ::testing::ValuesIn(GoldenCasesWith("openai_chat", "events.txtpb")),
                         NameOf);

}  // namespace
}  // namespace patchbay::frontend::openai_chat
