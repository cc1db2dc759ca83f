// README.md's table of fields is true and whole, and an answer is the same streamed and collected.
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
#include "workers/frontend/dialects/openai_completions/event_encoder.h"
#include "workers/frontend/dialects/openai_completions/request_decoder.h"
#include "workers/frontend/dialects/openai_completions/response_encoder.h"

namespace patchbay::frontend::openai_completions {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kBaseline = R"({"model":"gpt-5.5","prompt":"Once upon a time"})";

std::vector<FieldRow> Rows() { return ReadFieldTable("workers/frontend/dialects/openai_completions/README.md"); }
std::string With(std::string_view field, std::string_view value) {
  return *wire::SpliceTopLevel(kBaseline, field, value, wire::IfMissing::kInsert);
}

class CompletionsFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(CompletionsFields, AreHandledAsTheTableSays) {
  const FieldRow& row = GetParam();
  const auto decoded = DecodeRequest(With(row.field, row.sample));
  if (row.handling == "rejected") {
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().where, "/" + row.field);
    return;
  }
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  const auto baseline = DecodeRequest(kBaseline);
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(decoded->request, baseline->request);
  if (row.handling == "ignored") {
    EXPECT_THAT(decoded->ignored, Contains(row.field));
    EXPECT_FALSE(changed);
    return;
  }
  EXPECT_THAT(decoded->ignored, Not(Contains(row.field)));
  if (row.handling == "forwarded") {
    EXPECT_TRUE(decoded->wishes.empty());
    EXPECT_TRUE(changed);
  } else if (row.handling == "provider") {
    ASSERT_EQ(decoded->wishes.size(), 1u);
    EXPECT_EQ(decoded->wishes[0].field, row.field);
    EXPECT_TRUE(changed);
  } else {
    EXPECT_EQ(row.handling, "emulated");
    EXPECT_TRUE(decoded->stream || decoded->include_usage || !decoded->echo.empty());
  }
}

TEST_P(CompletionsFields, MayBeNull) {
  const bool required = GetParam().field == "model" || GetParam().field == "prompt";
  EXPECT_EQ(DecodeRequest(With(GetParam().field, "null")).ok(), !required);
}

INSTANTIATE_TEST_SUITE_P(OpenAiCompletions, CompletionsFields, ::testing::ValuesIn(Rows()),
                         [](const auto& info) { return info.param.field; });

TEST(CompletionsFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented, known;
  for (const auto& row : Rows()) documented.insert(row.field);
  for (const auto name : KnownFields()) known.insert(std::string(name));
  EXPECT_EQ(documented, known);
}

TEST(CompletionsRequestDecoder, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {With("prompt", "5"), "/prompt"},           {With("prompt", R"(["a","b"])"), "/prompt"},
      {With("prompt", "[[1,2]]"), "/prompt/0"},   {With("prompt", "[1,2]"), "/prompt/0"},
      {With("prompt", "[]"), "/prompt"},          {With("prompt", R"("")"), "/prompt"},
      {With("model", R"("")"), "/model"},         {With("stream", R"("yes")"), "/stream"},
      {With("temperature", "3"), "/temperature"}, {R"({"prompt":"x"})", "/model"}};
  for (const auto& [body, where] : wrong) {
    const auto decoded = DecodeRequest(body);
    ASSERT_FALSE(decoded.ok()) << body;
    EXPECT_EQ(decoded.error().where, where);
  }
  for (const char* body : {"", "[]", "{", R"({"model":"m","prompt":"a\ud800"})"})
    EXPECT_FALSE(DecodeRequest(body).ok());
}

TEST(CompletionsRequestDecoder, AsksForTheMiddleWhenThereIsASuffix) {
  const auto decoded = DecodeRequest(With("suffix", R"("The end.")"));
  EXPECT_EQ(decoded->request.items(0).message().parts(0).text(),
            "<before>Once upon a time</before><after>The end.</after>");
  EXPECT_NE(decoded->request.instructions(), DecodeRequest(kBaseline)->request.instructions());
}

std::vector<inference::v1::GenerateEvent> Events(const std::string& text) {
  upstream::v1::Events events;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &events));
  return {events.events().begin(), events.events().end()};
}

constexpr const char* kAnswer = R"(events { started { response_id: "r" } }
  events { reasoning_delta { index: 0 text: "hm" summary: true } }
  events { text_delta { index: 1 text: " there" } } events { text_delta { index: 1 text: " was" } }
  events { usage_reported { usage { input_tokens: 31 output_tokens: 6 reasoning_tokens: 2 } } }
  events { finished { reason: FINISH_REASON_LENGTH } })";

TEST(CompletionsEncoders, GiveTheSameStreamedAndCollected) {
  const ReplyIdentity identity{.id = "cmpl-1", .model = "gpt-5.5", .created = 5, .echo = "Once"};
  EventEncoder stream_encoder(identity, true);
  ResponseEncoder whole_encoder(identity);
  std::string stream;
  for (const auto& event : Events(kAnswer)) {
    ASSERT_TRUE(stream_encoder.Encode(event, stream).ok());
    ASSERT_TRUE(whole_encoder.Add(event).ok());
  }
  EXPECT_EQ(
      *whole_encoder.Encode(),
      R"({"id":"cmpl-1","object":"text_completion","created":5,"model":"gpt-5.5","choices":[{"text":"Once there was","index":0,)"
      R"("logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":31,"completion_tokens":6,"total_tokens":37,)"
      R"("prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":2}}})");
  std::string text, finish;
  boost::json::value usage;
  std::string last;
  wire::SseParser parser;
  ASSERT_TRUE(parser
                  .Feed(stream,
                        [&](const wire::SseEvent& event) {
                          last = event.data;
                          if (event.data == "[DONE]") return;
                          const auto chunk = *wire::ParseJson(event.data);
                          if (chunk.at("usage").is_object()) usage = chunk.at("usage");
                          for (const auto& choice : chunk.at("choices").as_array()) {
                            text += wire::FindString(choice, "text");
                            finish += wire::FindString(choice, "finish_reason");
                          }
                        })
                  .ok());
  const auto whole = *wire::ParseJson(*whole_encoder.Encode());
  EXPECT_EQ(text, "Once there was");
  EXPECT_EQ(finish, "length");
  EXPECT_EQ(usage, whole.at("usage"));
  EXPECT_EQ(last, "[DONE]");
}

TEST(CompletionsEncoders, InventNoEnd) {
  EventEncoder stream_encoder({.id = "cmpl-1", .model = "m", .echo = ""}, false);
  ResponseEncoder whole_encoder({.id = "cmpl-1", .model = "m", .echo = ""});
  std::string stream;
  for (const auto& event : Events(R"(events { started {} } events { text_delta { text: "a" } })")) {
    ASSERT_TRUE(stream_encoder.Encode(event, stream).ok());
    ASSERT_TRUE(whole_encoder.Add(event).ok());
  }
  stream_encoder.EncodeBreak(Problem(Problem::Kind::kProvider, "it broke"), stream);
  EXPECT_THAT(stream, HasSubstr(R"(data: {"error":{"message":"it broke")"));
  EXPECT_THAT(stream, Not(HasSubstr("[DONE]")));
  EXPECT_FALSE(whole_encoder.Encode().ok());
}

}  // namespace
}  // namespace patchbay::frontend::openai_completions
