// Every folder of tests/golden/openai_images: request.json → canonical.txtpb, events.txtpb → stream.sse and
// response.json. A case that has the file `edit` is one of images/edits; an answer that breaks off has its failure in
// failure.txtpb.
#include <gmock/gmock.h>

#include "lib/wire/boost_json.h"
#include "lib/wire/sse.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/openai_images/event_encoder.h"
#include "workers/frontend/dialects/openai_images/request_decoder.h"
#include "workers/frontend/dialects/openai_images/response_encoder.h"

namespace patchbay::frontend::openai_images {
namespace {

using Path = std::filesystem::path;

class ImagesGoldenRequest : public ::testing::TestWithParam<Path> {};
class ImagesGoldenAnswer : public ::testing::TestWithParam<Path> {};  // one that comes to its end
class ImagesGoldenReply : public ::testing::TestWithParam<Path> {};

TEST_P(ImagesGoldenRequest, IsDecoded) {
  const Source source{
      .edit = testing::HasFile(GetParam(), "edit"), .content_type = "application/json", .host_model = "gpt-5.5"};
  const auto request = DecodeRequest(*testing::ReadGolden(GetParam(), "request.json"), source);
  if (!request.ok()) return ExpectGolden(GetParam(), "canonical.txtpb", Described(request.error()));
  const std::string facts = (request->stream ? "# stream\n" : "") + Listed("ignored", request->ignored);
  ExpectGolden(GetParam(), "canonical.txtpb", Described(request->request, facts));
}

TEST_P(ImagesGoldenReply, IsStreamedAndCollected) {
  const ReplyIdentity identity{.created = 1787390000, .edit = testing::HasFile(GetParam(), "edit")};
  EventEncoder stream_encoder(identity);
  ResponseEncoder whole_encoder(identity);
  std::string stream;
  for (const auto& event : GoldenEvents(GetParam())) {
    ASSERT_TRUE(stream_encoder.Encode(event, stream).ok());
    ASSERT_TRUE(whole_encoder.Add(event).ok());
  }
  const auto failure = GoldenFailure(GetParam());
  if (failure) stream_encoder.EncodeBreak(*failure, stream);
  ExpectGolden(GetParam(), "stream.sse", stream);
  const auto whole = whole_encoder.Encode();
  if (failure) {
    EXPECT_FALSE(whole.ok()) << "an end was invented";
    return ExpectGolden(GetParam(), "response.json", OpenAiErrorAnswer(*failure).body + "\n");
  }
  ExpectGolden(GetParam(), "response.json",
               (whole.ok() ? *whole : OpenAiErrorAnswer(ProblemOf(whole.error())).body) + "\n");
  // One end, and the same picture on both ways.
  std::vector<boost::json::value> data;
  wire::SseParser parser;
  ASSERT_TRUE(
      parser.Feed(stream, [&](const wire::SseEvent& event) { data.push_back(*wire::ParseJson(event.data)); }).ok());
  ASSERT_FALSE(data.empty());
  for (std::size_t i = 0; i < data.size(); ++i) {
    const bool partial = wire::FindString(data[i], "type").ends_with("partial_image");
    EXPECT_EQ(partial, i + 1 < data.size());
  }
  EXPECT_EQ(whole.ok(), wire::FindString(data.back(), "type") != "error");
  if (!whole.ok()) return;
  EXPECT_EQ(wire::FindString(data.back(), "b64_json"),
            wire::FindString(wire::ParseJson(*whole)->at("data").as_array()[0], "b64_json"));
}

TEST_P(ImagesGoldenAnswer, TakesNothingAfterItsEndAndDoesNotDependOnHowDeltasAreCut) {
  const auto events = GoldenEvents(GetParam());
  const auto stream_of = [](const std::vector<inference::v1::GenerateEvent>& given) {
    EventEncoder encoder({.created = 1787390000});
    std::string stream;
    for (const auto& event : given) EXPECT_TRUE(encoder.Encode(event, stream).ok());
    const std::size_t size = stream.size();
    for (const auto& event : given) EXPECT_FALSE(encoder.Encode(event, stream).ok());
    EXPECT_EQ(stream.size(), size);
    return stream;
  };
  const std::string whole = stream_of(events);
  for (const std::size_t size : kCutSizes) EXPECT_EQ(stream_of(CutDeltas(events, size)), whole) << size;
}

INSTANTIATE_TEST_SUITE_P(OpenAiImages, ImagesGoldenRequest,
                         ::testing::ValuesIn(GoldenCasesWith("openai_images", "request.json")), GoldenName);
INSTANTIATE_TEST_SUITE_P(OpenAiImages, ImagesGoldenReply,
                         ::testing::ValuesIn(GoldenCasesWith("openai_images", "events.txtpb")), GoldenName);
INSTANTIATE_TEST_SUITE_P(OpenAiImages, ImagesGoldenAnswer, ::testing::ValuesIn(GoldenWholeAnswers("openai_images")),
                         GoldenName);

}  // namespace
}  // namespace patchbay::frontend::openai_images
