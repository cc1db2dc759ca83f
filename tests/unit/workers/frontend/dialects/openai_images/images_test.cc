// README.md's table of fields is true and whole; forms are read as JSON is; a picture comes out streamed and collected.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/sse.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/openai_images/event_encoder.h"
#include "workers/frontend/dialects/openai_images/request_decoder.h"
#include "workers/frontend/dialects/openai_images/response_encoder.h"

namespace patchbay::frontend::openai_images {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Source kMake{.edit = false, .content_type = "application/json", .host_model = "host"};
constexpr Source kEdit{.edit = true, .content_type = "application/json", .host_model = "host"};
constexpr const char* kBaseline = R"({"model":"gpt-image-1","prompt":"A cat","image":"data:image/png;base64,iVBO"})";

std::vector<FieldRow> Rows() { return ReadFieldTable("workers/frontend/dialects/openai_images/README.md"); }
std::string With(std::string_view field, std::string_view value) {
  return *wire::SpliceTopLevel(kBaseline, field, value, wire::IfMissing::kInsert);
}

class ImagesFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(ImagesFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto decoded = DecodeRequest(With(row.field, row.sample), kEdit);
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where, "/" + row.field);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const auto baseline = DecodeRequest(kBaseline, kEdit);
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(decoded->request, baseline->request);
  EXPECT_EQ(changed, row.handling == "forwarded");
  if (row.handling == "ignored") {
    EXPECT_THAT(decoded->ignored, Contains(row.field));
  }
  if (row.handling == "emulated") {
    EXPECT_TRUE(decoded->stream);
  }
}

INSTANTIATE_TEST_SUITE_P(OpenAiImages, ImagesFields, ::testing::ValuesIn(Rows()),
                         [](const auto& info) { return info.param.field; });

TEST(ImagesFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented, known;
  for (const auto& row : Rows()) documented.insert(row.field);
  for (const auto name : KnownFields()) known.insert(std::string(name));
  EXPECT_EQ(documented, known);
}

TEST(ImagesRequestDecoder, AsksAHostModelForTheToolCall) {
  for (const char* model : {R"("gpt-image-1")", R"("dall-e-3")", "null"}) {
    const auto decoded =
        DecodeRequest(R"({"prompt":"A cat","size":"1024x1024","model":)" + std::string(model) + "}", kMake);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded->request.model(), "host");
    EXPECT_EQ(decoded->request.tool_choice().mode(), inference::v1::ToolChoice::MODE_REQUIRED);
    EXPECT_EQ(decoded->request.tools(0).image_generation().ShortDebugString(), R"(size: "1024x1024")");
  }
  EXPECT_EQ(DecodeRequest(R"({"prompt":"x","model":"gpt-5.4"})", kMake)->request.model(), "gpt-5.4");
}

TEST(ImagesRequestDecoder, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({})", "/prompt"},
      {R"({"prompt":""})", "/prompt"},
      {R"({"prompt":5})", "/prompt"},
      {R"({"prompt":"x","n":0})", "/n"},
      {R"({"prompt":"x","size":5})", "/size"},
      {R"({"prompt":"x","output_compression":101})", "/output_compression"},
      {R"({"prompt":"x","partial_images":4})", "/partial_images"},
      {R"({"prompt":"x","response_format":"gif"})", "/response_format"},
      {R"({"prompt":"x","image":"data:image/png;base64,AA"})", "/image"}};
  for (const auto& [body, where] : wrong) {
    const auto decoded = DecodeRequest(body, kMake);
    ASSERT_FALSE(decoded.ok()) << body;
    EXPECT_EQ(decoded.error().where, where) << body;
  }
  EXPECT_EQ(DecodeRequest(R"({"prompt":"x"})", kEdit).error().where, "/image");
  EXPECT_EQ(DecodeRequest(R"({"prompt":"x","image":["ftp://x"]})", kEdit).error().where, "/image/0");
  EXPECT_EQ(DecodeRequest(R"({"prompt":"x","images":[{"file_id":"f"}]})", kEdit).error().where, "/images/0");
}

TEST(ImagesRequestDecoder, ReportsWhatItHasNeverHeardOfBesideAnImage) {
  const char* body = R"({"prompt":"x","images":[{"image_url":"https://example.com/a.png","brand_new":1}],)"
                     R"("mask":{"image_url":"https://example.com/m.png","brand_new":1}})";
  EXPECT_THAT(DecodeRequest(body, kEdit)->ignored, ElementsAre("images[].brand_new", "mask.brand_new"));
}

TEST(ImagesRequestDecoder, ReadsAForm) {
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nA hat\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: "
      "image/png\r\n\r\nabc\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"b\"\r\n\r\nabd\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"mask\"; filename=\"m.png\"\r\nContent-Type: "
      "image/png\r\n\r\nm\r\n--b--";
  const Source source{.edit = true, .content_type = "multipart/form-data; boundary=b", .host_model = "host"};
  const auto decoded = DecodeRequest(form, source);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_TRUE(decoded->stream);
  const auto& parts = decoded->request.items(0).message().parts();
  ASSERT_EQ(parts.size(), 3);
  EXPECT_EQ(parts[0].text(), "A hat");
  EXPECT_EQ(parts[1].image().url(), "data:image/png;base64,YWJj");
  EXPECT_EQ(parts[2].image().url(), "data:image/png;base64,YWJk");
  EXPECT_EQ(decoded->request.tools(0).image_generation().ShortDebugString(),
            R"(mask { url: "data:image/png;base64,bQ==" })");
  EXPECT_FALSE(DecodeRequest("--b\r\n", source).ok());
  const auto aimless = DecodeRequest(form, {.edit = true, .content_type = "multipart/form-data", .host_model = "host"});
  ASSERT_FALSE(aimless.ok());
  EXPECT_THAT(aimless.error().message, HasSubstr("boundary"));
}

std::vector<inference::v1::GenerateEvent> Events(const std::string& text) {
  upstream::v1::Events events;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &events));
  return {events.events().begin(), events.events().end()};
}

const std::string kPicture = R"pb(
  events { started { response_id: "r" } }
  events {
    item_began {
      index: 0
      item { hosted_tool { image {} } }
    }
  }
  events { hosted_tool_progress { index: 0 stage: "generating" } }
  events {
    hosted_tool_progress {
      index: 0
      stage: "partial_image"
      partial_image { data_base64: "iVBO" size: "1x1" }
      partial_image_index: 1
    }
  }
  events {
    item_done {
      index: 0
      item {
        hosted_tool { image { data_base64: "iVBORw" revised_prompt: "A grey cat" size: "1x1" media_type: "image/png" } }
      }
    }
  }
  events { usage_reported { usage { input_tokens: 3 output_tokens: 4 } } }
  events { finished { reason: FINISH_REASON_STOP } })pb";
const std::string kWords = R"pb(
  events { started {} }
  events { text_delta { text: "I would rather not." } }
  events { finished { reason: FINISH_REASON_STOP } })pb";

std::string Stream(const std::string& events, bool edit) {
  EventEncoder encoder({.created = 5, .edit = edit});
  std::string out;
  for (const auto& event : Events(events)) EXPECT_TRUE(encoder.Encode(event, out).ok());
  encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "late"), out);
  return out;
}
std::vector<std::string> Types(const std::string& stream) {
  std::vector<std::string> types;
  wire::SseParser parser;
  EXPECT_TRUE(parser.Feed(stream, [&](const wire::SseEvent& event) { types.emplace_back(event.event); }).ok());
  return types;
}

TEST(ImagesEncoders, GiveThePictureCollected) {
  ResponseEncoder encoder({.created = 5});
  for (const auto& event : Events(kPicture)) ASSERT_TRUE(encoder.Add(event).ok());
  EXPECT_EQ(*encoder.Encode(),
            R"({"created":5,"data":[{"b64_json":"iVBORw","revised_prompt":"A grey cat"}],"size":"1x1",)"
            R"("output_format":"png","usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7,)"
            R"("input_tokens_details":{"text_tokens":3,"image_tokens":0}}})");
}

TEST(ImagesEncoders, GiveThePictureStreamed) {
  const std::string stream = Stream(kPicture, false);
  EXPECT_THAT(Types(stream), ElementsAre("image_generation.partial_image", "image_generation.completed"));
  EXPECT_THAT(stream, HasSubstr(R"("b64_json":"iVBO","created_at":5,"size":"1x1","partial_image_index":1)"));
  EXPECT_THAT(stream, HasSubstr(R"("b64_json":"iVBORw")"));
  EXPECT_THAT(Types(Stream(kPicture, true)), ElementsAre("image_edit.partial_image", "image_edit.completed"));
}

TEST(ImagesEncoders, SayInItsOwnWordsWhyAModelMadeNone) {
  ResponseEncoder encoder({});
  for (const auto& event : Events(kWords)) ASSERT_TRUE(encoder.Add(event).ok());
  ASSERT_FALSE(encoder.Encode().ok());
  EXPECT_EQ(encoder.Encode().error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(encoder.Encode().error().message, HasSubstr("I would rather not."));
  EXPECT_THAT(Types(Stream(kWords, false)), ElementsAre("error"));
}

TEST(ImagesEncoders, InventNoEnd) {
  ResponseEncoder encoder({});
  const auto events = Events(kPicture);
  EventEncoder stream_encoder({});
  std::string stream;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    ASSERT_TRUE(encoder.Add(events[i]).ok());
    ASSERT_TRUE(stream_encoder.Encode(events[i], stream).ok());
  }
  EXPECT_EQ(encoder.Encode().error().code, ErrorCode::kProtocol);
  stream_encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "it broke"), stream);
  EXPECT_THAT(Types(stream), ElementsAre("image_generation.partial_image", "error"));
}

}  // namespace
}  // namespace patchbay::frontend::openai_images
