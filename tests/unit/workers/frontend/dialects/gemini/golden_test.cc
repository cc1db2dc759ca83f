// Every folder of tests/golden/gemini: request.json → canonical.txtpb, events.txtpb → stream.sse and response.json, and
// what is streamed, in either framing, is what is collected. An answer that breaks off has its failure in
// failure.txtpb.
#include "lib/testing/golden.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/gemini/error_encoder.h"
#include "workers/frontend/dialects/gemini/event_encoder.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"
#include "workers/frontend/dialects/gemini/response_encoder.h"

namespace patchbay::frontend::gemini {
namespace {

namespace json = boost::json;

class Golden : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  void ExpectGolden(std::string_view file, std::string_view actual) {
    frontend::ExpectGolden(GetParam(), file, actual);
  }

  std::vector<inference::v1::GenerateEvent> Events() { return GoldenEvents(GetParam()); }

  Result<DecodedRequest> Request() {
    return DecodeRequest(*testing::ReadGolden(GetParam(), "request.json"), "gpt-5.5");
  }

  ReplyIdentity Identity() {
    const auto request = Request();
    EXPECT_TRUE(request.ok());
    return IdentityOf(*request, "r1");
  }

  std::string Streamed(Framing framing) {
    EventEncoder encoder(Identity(), framing);
    std::string stream;
    for (const auto& event : Events()) EXPECT_TRUE(encoder.Encode(event, stream).ok());
    const auto failure = GoldenFailure(GetParam());
    EXPECT_NE(encoder.ended(), failure.has_value());
    if (failure) {
      encoder.EncodeBreak(*failure, stream);
    } else {
      encoder.EncodeEnd(stream);
    }
    return stream;
  }
};

std::string Describe(const Result<DecodedRequest>& decoded) {
  if (!decoded.ok()) return Described(decoded.error());
  std::string facts;
  if (decoded->enum_answer) facts += "# a word of an enum\n";
  if (decoded->web_search) facts += "# web_search\n";
  facts += Listed("ignored", decoded->ignored);
  facts += Listed("repaired", decoded->repaired);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  facts += Listed("wishes", wishes);
  return Described(decoded->request, facts);
}

json::array Chunks(const std::string& stream) {
  json::array chunks;
  wire::SseParser parser;
  const auto fed = parser.Feed(stream, [&](const wire::SseEvent& event) {
    auto chunk = wire::ParseJson(event.data);
    EXPECT_TRUE(chunk.ok()) << event.data;
    if (chunk.ok()) chunks.push_back(std::move(*chunk));
  });
  EXPECT_TRUE(fed.ok());
  EXPECT_FALSE(parser.Finish());
  return chunks;
}

// Puts chunks together as a client's chat does: pieces of one text are one part with the signature of its last piece,
// the last chunk's empty one is none. Log probabilities are lists that go on.
json::value Collected(const json::array& chunks) {
  json::array parts;
  json::object whole, logprobs;
  for (const json::value& chunk : chunks) {
    const json::object& candidate = chunk.at("candidates").at(0).as_object();
    for (const json::value& part : candidate.at("content").at("parts").as_array()) {
      const json::object& object = part.as_object();
      const bool continues = !parts.empty() && object.contains("text") && parts.back().as_object().contains("text") &&
                             parts.back().as_object().contains("thought") == object.contains("thought");
      if (continues) {
        parts.back().at("text").as_string().append(object.at("text").as_string());
        if (object.contains("thoughtSignature")) {
          parts.back().as_object()["thoughtSignature"] = object.at("thoughtSignature");
        }
      } else if (object != json::object{{"text", ""}} || parts.empty()) {
        parts.push_back(part);
      }
    }
    if (const json::value* result = candidate.if_contains("logprobsResult")) {
      for (const auto& [name, list] : result->as_object()) {
        json::value& all = logprobs[name];
        if (all.is_null()) all.emplace_array();
        for (const json::value& element : list.as_array()) all.as_array().push_back(element);
      }
    }
    whole = chunk.as_object();
  }
  json::object& candidate = whole.at("candidates").at(0).as_object();
  candidate.at("content").at("parts") = std::move(parts);
  if (!logprobs.empty()) candidate["logprobsResult"] = std::move(logprobs);
  return whole;
}

// Empty texts say nothing, wherever they stand among the parts.
json::value WithoutEmptyTexts(json::value answer) {
  json::array kept;
  for (json::value& part : answer.at("candidates").at(0).at("content").at("parts").as_array()) {
    if (part.as_object() != json::object{{"text", ""}}) kept.push_back(std::move(part));
  }
  answer.at("candidates").at(0).at("content").at("parts") = std::move(kept);
  return answer;
}

class GeminiRequest : public Golden {};
class GeminiReply : public Golden {};
class GeminiAnswer : public Golden {};  // one that comes to its end

TEST_P(GeminiRequest, IsDecoded) { ExpectGolden("canonical.txtpb", Describe(Request())); }

TEST_P(GeminiReply, IsStreamed) { ExpectGolden("stream.sse", Streamed(Framing::kSse)); }

TEST_P(GeminiReply, IsTheSameAsAnArray) {
  const auto array = wire::ParseJson(Streamed(Framing::kArray));
  ASSERT_TRUE(array.ok()) << array.error().message;
  EXPECT_EQ(*array, json::value(Chunks(Streamed(Framing::kSse))));
}

TEST_P(GeminiReply, IsCollected) {
  ResponseEncoder encoder(Identity());
  for (const auto& event : Events()) ASSERT_TRUE(encoder.Add(event).ok());
  const auto body = encoder.Encode();
  if (const auto failure = GoldenFailure(GetParam())) {
    EXPECT_FALSE(body.ok()) << "an end was invented";
    return ExpectGolden("response.json", EncodeError(*failure).body + "\n");
  }
  ASSERT_TRUE(body.ok());
  ExpectGolden("response.json", *body + "\n");
}

TEST_P(GeminiAnswer, IsTheSameStreamedAndCollected) {
  ResponseEncoder encoder(Identity());
  for (const auto& event : Events()) ASSERT_TRUE(encoder.Add(event).ok());
  EXPECT_EQ(Collected(Chunks(Streamed(Framing::kSse))), *wire::ParseJson(*encoder.Encode()));
}

TEST_P(GeminiAnswer, EndsOnceAndSaysNothingAfterIt) {
  EventEncoder encoder(Identity(), Framing::kSse);
  std::string stream;
  for (const auto& event : Events()) ASSERT_TRUE(encoder.Encode(event, stream).ok());
  const std::size_t size = stream.size();
  for (const auto& event : Events()) EXPECT_FALSE(encoder.Encode(event, stream).ok());
  EXPECT_EQ(stream.size(), size);
  const json::array chunks = Chunks(stream);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const bool ends = chunks[i].at("candidates").at(0).as_object().contains("finishReason");
    EXPECT_EQ(ends, i + 1 == chunks.size()) << i;
  }
}

// However the provider cuts its deltas, a client puts the same answer together.
TEST_P(GeminiAnswer, DoesNotDependOnHowItsDeltasAreCut) {
  const auto collected = [&](const std::vector<inference::v1::GenerateEvent>& events) {
    EventEncoder encoder(Identity(), Framing::kSse);
    std::string stream;
    for (const auto& event : events) EXPECT_TRUE(encoder.Encode(event, stream).ok());
    return Collected(Chunks(stream));
  };
  auto events = Events();
  ClearLogprobs(events);
  const json::value whole = collected(events);
  for (const std::size_t size : kCutSizes) EXPECT_EQ(collected(CutDeltas(events, size)), whole) << size;
}

TEST_P(GeminiReply, KeepsItsNameInEveryChunk) {
  for (const json::value& chunk : Chunks(Streamed(Framing::kSse))) {
    if (chunk.as_object().contains("error")) continue;
    EXPECT_EQ(wire::FindString(chunk, "responseId"), "r1");
    EXPECT_EQ(wire::FindString(chunk, "modelVersion"), "gpt-5.5");
    EXPECT_EQ(chunk.at("candidates").at(0).at("index").as_int64(), 0);
  }
}

// Readers take a heartbeat for one more chunk (real-clients §7.6).
TEST_P(GeminiReply, IsTheSameWithHeartbeatsInIt) {
  if (GoldenFailure(GetParam())) return;
  for (const Framing framing : {Framing::kSse, Framing::kArray}) {
    EventEncoder encoder(Identity(), framing);
    std::string stream(encoder.Heartbeat());
    for (const auto& event : Events()) {
      ASSERT_TRUE(encoder.Encode(event, stream).ok());
      stream.append(encoder.Heartbeat());
      if (encoder.ended()) stream.resize(stream.size() - encoder.Heartbeat().size());
    }
    encoder.EncodeEnd(stream);
    if (framing == Framing::kArray) {
      EXPECT_EQ(*wire::ParseJson(stream), *wire::ParseJson(Streamed(Framing::kArray)));
      continue;
    }
    EXPECT_EQ(stream.find("\n\n\n"), std::string::npos);
    const json::array chunks = Chunks(stream);
    EXPECT_EQ(chunks.at(0).at("candidates"),
              *wire::ParseJson(R"([{"content":{"parts":[{"text":""}],"role":"model"},"index":0}])"));
    EXPECT_EQ(WithoutEmptyTexts(Collected(chunks)), WithoutEmptyTexts(Collected(Chunks(Streamed(framing)))));
  }
}

std::string NameOf(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.filename().string();
}

INSTANTIATE_TEST_SUITE_P(Gemini, GeminiRequest, ::testing::ValuesIn(GoldenCasesWith("gemini", "request.json")), NameOf);
INSTANTIATE_TEST_SUITE_P(Gemini, GeminiAnswer, ::testing::ValuesIn(GoldenWholeAnswers("gemini")), NameOf);
INSTANTIATE_TEST_SUITE_P(Gemini, GeminiReply, ::testing::ValuesIn(GoldenCasesWith("gemini", "events.txtpb")), NameOf);

}  // namespace
}  // namespace patchbay::frontend::gemini
