#include "workers/frontend/dialects/gemini/embed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workers/frontend/dialects/gemini/dialect.h"

namespace patchbay::frontend::gemini {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kOne = R"({"content":{"parts":[{"text":"a"},{"text":"b"}]},"outputDimensionality":3})";

TEST(GeminiEmbed, MakesOneTextOfAContent) {
  const auto decoded = DecodeEmbed(kOne, "models/vectors", false);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(decoded->call.model(), "vectors");
  EXPECT_THAT(decoded->call.inputs(), ElementsAre("a\nb"));
  EXPECT_EQ(decoded->call.dimensions(), 3);
  EXPECT_THAT(decoded->ignored, IsEmpty());
}

TEST(GeminiEmbed, TakesABatchAndTellsWhatNobodyElseHas) {
  const auto decoded = DecodeEmbed(
      R"({"requests":[{"model":"models/vectors","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT","title":"t","output_dimensionality":2},
                      {"model":"models/vectors","content":{"role":"user","parts":{"text":"b"}},"task_type":"RETRIEVAL_DOCUMENT","outputDimensionality":2}]})",
      "vectors", true);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_THAT(decoded->call.inputs(), ElementsAre("a", "b"));
  EXPECT_EQ(decoded->call.dimensions(), 2);
  EXPECT_THAT(decoded->ignored, ElementsAre("requests[].taskType", "requests[].title"));
}

TEST(GeminiEmbed, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"content":{"parts":[{"inlineData":{}}]}})", "/content/parts/0"},
      {R"({"content":{"parts":[{"text":""}]}})", "/content"},
      {R"({"content":{}})", "/content"},
      {R"({})", "/content"},
      {R"({"content":{"parts":[{"text":"a"}]},"outputDimensionality":0})", "/outputDimensionality"}};
  for (const auto& [body, where] : wrong) {
    const auto decoded = DecodeEmbed(body, "m", false);
    ASSERT_FALSE(decoded.ok()) << body;
    EXPECT_EQ(decoded.error().where, where) << body;
  }
  const std::vector<std::pair<std::string, std::string>> batches = {
      {"{}", "/requests"},
      {R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"outputDimensionality":2}]})",
       "/requests/1"}};
  for (const auto& [body, where] : batches) {
    const auto decoded = DecodeEmbed(body, "m", true);
    ASSERT_FALSE(decoded.ok()) << body;
    EXPECT_EQ(decoded.error().where, where) << body;
  }
  EXPECT_EQ(DecodeEmbed(R"({"requests":[]})", "m", true).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(DecodeEmbed("[", "m", false).error().code, ErrorCode::kInvalidArgument);
}

TEST(GeminiEmbed, AnswersWithValues) {
  EXPECT_EQ(*EncodeEmbed(R"({"data":[{"index":0,"embedding":[0.1,-2]}]})", 1, false),
            R"({"embedding":{"values":[0.1,-2]}})");
  EXPECT_EQ(*EncodeEmbed(R"({"data":[{"index":1,"embedding":[3]},{"index":0,"embedding":[1]}]})", 2, true),
            R"({"embeddings":[{"values":[1]},{"values":[3]}]})");
  EXPECT_EQ(EncodeEmbed("{}", 1, false).error().code, ErrorCode::kProtocol);
}

TEST(GeminiEmbed, AsksAsOpenAiDoes) {
  DialectRequest request;
  request.body = kOne;
  request.argument = "vectors";
  request.suffix = ":embedContent";
  const auto decoded = MakeDialect()->Decode(std::move(request));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_TRUE(decoded->call.payload.needs_relay);
  GrantTerms terms;
  terms.model = "theirs";
  EXPECT_EQ(*decoded->call.payload.bytes->Relayed(terms)->body,
            R"({"model":"theirs","input":["a\nb"],"dimensions":3})");
  const auto encoder = decoded->reply.relayed({});
  std::string out;
  ASSERT_TRUE(encoder->Bytes(R"({"data":[{"embedding":[1)", out).ok());
  ASSERT_TRUE(encoder->Bytes("]}]}", out).ok());
  ASSERT_TRUE(encoder->End(out).ok());
  EXPECT_THAT(out, HasSubstr(R"("values":[1])"));
}

}  // namespace
}  // namespace patchbay::frontend::gemini
