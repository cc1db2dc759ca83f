// README.md's table of fields is true and whole; the request passes as it came, and the answer as it was asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/wire/json.h"
#include "tests/unit/workers/frontend/dialects/readme_table.h"
#include "workers/frontend/dialects/openai_embeddings/dialect.h"
#include "workers/frontend/dialects/openai_embeddings/request_decoder.h"
#include "workers/frontend/dialects/openai_embeddings/vectors_relay.h"

namespace patchbay::frontend::openai_embeddings {
namespace {

using ::testing::HasSubstr;

constexpr const char* kBaseline = R"({"model":"vectors","input":"one"})";

std::vector<FieldRow> Rows() { return ReadFieldTable("workers/frontend/dialects/openai_embeddings/README.md"); }
std::string With(std::string_view field, std::string_view value) {
  return *wire::SpliceTopLevel(kBaseline, field, value, wire::IfMissing::kInsert);
}

Result<DecodedCall> Decode(std::string body) {
  DialectRequest request;
  request.body = std::move(body);
  request.unique = "1";
  return MakeDialect()->Decode(std::move(request));
}

// As it goes out to a provider that calls the model so.
std::string RelayedAs(const std::string& model, const std::string& body) {
  const auto decoded = Decode(body);
  EXPECT_TRUE(decoded.ok()) << body;
  GrantTerms terms;
  terms.model = model;
  terms.relay = true;
  return *decoded->call.payload.bytes->Relayed(terms)->body;
}

// What a client that sent `body` gets of `answer`, which comes in two pieces.
Result<std::string> Answered(const std::string& body, const std::string& answer) {
  const auto decoded = Decode(body);
  EXPECT_TRUE(decoded.ok()) << body;
  const auto encoder = decoded->reply.relayed({});
  std::string out;
  for (const std::string& piece : {answer.substr(0, answer.size() / 2), answer.substr(answer.size() / 2)}) {
    RETURN_IF_ERROR(encoder->Bytes(piece, out));
  }
  RETURN_IF_ERROR(encoder->End(out));
  return out;
}

class EmbeddingsFields : public ::testing::TestWithParam<FieldRow> {};

TEST_P(EmbeddingsFields, AreRelayedAsTheTableSays) {
  ASSERT_EQ(GetParam().handling, "relayed");
  const std::string body = With(GetParam().field, GetParam().sample);
  const auto decoded = Decode(body);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(RelayedAs(decoded->call.model, body), body);
}

INSTANTIATE_TEST_SUITE_P(OpenAiEmbeddings, EmbeddingsFields, ::testing::ValuesIn(Rows()),
                         [](const auto& info) { return info.param.field; });

TEST(EmbeddingsFieldTable, NamesEveryFieldTheDecoderKnows) {
  std::set<std::string> documented, known;
  for (const auto& row : Rows()) documented.insert(row.field);
  for (const auto name : KnownFields()) known.insert(std::string(name));
  EXPECT_EQ(documented, known);
}

TEST(EmbeddingsRequest, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {With("input", "5"), "/input"},
      {With("input", "[]"), "/input"},
      {With("input", R"(["a",5])"), "/input/1"},
      {With("input", "[1,2.5]"), "/input/1"},
      {With("input", "[[1],[]]"), "/input/1"},
      {With("input", R"([[1],"a"])"), "/input/1"},
      {With("input", "null"), "/input"},
      {With("model", R"("")"), "/model"},
      {With("dimensions", "0"), "/dimensions"},
      {With("encoding_format", R"("int8")"), "/encoding_format"},
      {With("user", "5"), "/user"},
      {R"({"input":"x"})", "/model"}};
  for (const auto& [body, where] : wrong) {
    const auto decoded = Decode(body);
    ASSERT_FALSE(decoded.ok()) << body;
    EXPECT_EQ(decoded.error().where, where) << body;
    EXPECT_EQ(decoded.error().origin, Origin::kClient) << body;
  }
  EXPECT_EQ(Decode(R"({"model":"a","input":"x","input":"y"})").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Decode("{").error().code, ErrorCode::kInvalidArgument);
}

TEST(EmbeddingsRequest, PassesByteForByteButForItsModel) {
  const std::string body = R"({ "input" : [[1, 2], [3]], "model":"mine/vectors", "of_a_host":{"x":1e3} })";
  EXPECT_EQ(RelayedAs("mine/vectors", body), body);
  EXPECT_EQ(RelayedAs("a\"b", body), R"({ "input" : [[1, 2], [3]], "model":"a\"b", "of_a_host":{"x":1e3} })");
}

TEST(EmbeddingsRequest, IsForProvidersThatMakeEmbeddingsAlone) {
  const auto decoded = Decode(kBaseline);
  EXPECT_TRUE(decoded->call.payload.needs_relay);
  EXPECT_EQ(decoded->call.payload.bytes->dialect(), "openai_embeddings");
  EXPECT_EQ(decoded->call.payload.bytes->Translated().error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(decoded->call.payload.body_bytes, std::string_view(kBaseline).size());
  EXPECT_FALSE(decoded->reply.stream);
}

TEST(EmbeddingsRequest, CostsItsTextsAndItsTokens) {
  EXPECT_GT(EstimateInputTokens(With("input", R"(["a few words here","and a few more"])")), 4);
  EXPECT_EQ(EstimateInputTokens(With("input", "[1,2,3]")), 3);
  EXPECT_EQ(EstimateInputTokens(With("input", "[[1,2,3],[4]]")), 4);
}

// [0, 1, -2] in floats: 00000000 0000803f 000000c0.
constexpr const char* kLists =
    R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0,1.0,-2]}],"model":"v","usage":{"prompt_tokens":1,"total_tokens":1}})";
constexpr const char* kPacked =
    R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAAAAAAgD8AAADA"}],"model":"v","usage":{"prompt_tokens":1,"total_tokens":1}})";

TEST(EmbeddingsAnswer, PassesAsItCame) {
  EXPECT_EQ(*Answered(kBaseline, kLists), kLists);
  EXPECT_EQ(*Answered(With("encoding_format", R"("float")"), kLists), kLists);
  EXPECT_EQ(*Answered(With("encoding_format", R"("base64")"), kPacked), kPacked);
}

TEST(EmbeddingsAnswer, OfAHostWithoutBase64IsMadeOfIt) {
  EXPECT_EQ(*Answered(With("encoding_format", R"("base64")"), kLists), kPacked);
}

TEST(EmbeddingsAnswer, OfOtherThingsThanNumbersIsABrokenOne) {
  for (const char* vector : {"[1,\"x\"]", "[1e99]", "[[1]]"}) {
    const std::string answer = std::string(R"({"data":[{"embedding":)") + vector + "}]}";
    const auto made = Answered(With("encoding_format", R"("base64")"), answer);
    ASSERT_FALSE(made.ok()) << vector;
    EXPECT_EQ(made.error().code, ErrorCode::kProtocol) << vector;
  }
  EXPECT_FALSE(InBase64("no JSON").ok());
  EXPECT_FALSE(InBase64(R"({"data":[{}]})").ok());
}

TEST(EmbeddingsErrors, AreOpenAis) {
  EXPECT_THAT(MakeDialect()->EncodeError(Problem(Problem::Kind::kUnknownModel, "none")).body,
              HasSubstr("model_not_found"));
}

}  // namespace
}  // namespace patchbay::frontend::openai_embeddings
