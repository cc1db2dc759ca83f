#include "workers/upstream/dialects/codex/error_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "lib/base/encoding.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

const WallTime kNow{std::chrono::seconds(1787390000)};

struct Row {
  const char* name;
  int status;
  std::string content_type;
  std::string body;
  inf::BodyKind kind;
  const char* code;
  const char* type;
  const char* message;
  const char* param;
  bool challenge;
};

class ErrorBody : public ::testing::TestWithParam<Row> {};

TEST_P(ErrorBody, BecomesFacts) {
  const Row& row = GetParam();
  const inf::Failure failure =
      DecodeError({row.status, {{"content-type", row.content_type}, {"x-request-id", "req_1"}}}, row.body, kNow);
  EXPECT_EQ(failure.stage(), inf::FAILURE_STAGE_STATUS);
  EXPECT_EQ(failure.http_status(), row.status);
  EXPECT_EQ(failure.body_kind(), row.kind);
  EXPECT_EQ(failure.code(), row.code);
  EXPECT_EQ(failure.type(), row.type);
  EXPECT_EQ(failure.message(), row.message);
  EXPECT_EQ(failure.param(), row.param);
  EXPECT_EQ(failure.challenge(), row.challenge);
  EXPECT_EQ(failure.body(), row.body);
  EXPECT_EQ(failure.body_content_type(), row.content_type);
  EXPECT_EQ(failure.provider_request_id(), "req_1");
}

const Row kRows[] = {
    {"Detail", 400, "application/json", R"({"detail":"Store must be set to false"})", inf::BODY_KIND_JSON, "", "",
     "Store must be set to false", "", false},
    {"DetailObject", 402, "application/json", R"({"detail":{"code":"deactivated_workspace"}})", inf::BODY_KIND_JSON,
     "deactivated_workspace", "", "", "", false},
    {"OpenAi", 400, "application/json",
     R"({"error":{"message":"Invalid value: 'other'.","type":"invalid_request_error","param":"input[33].action.type","code":"invalid_value"}})",
     inf::BODY_KIND_JSON, "invalid_value", "invalid_request_error", "Invalid value: 'other'.", "input[33].action.type",
     false},
    {"EncryptedContent", 400, "application/json",
     R"({"error":{"message":"The encrypted content gAAA…Rg== could not be verified.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}})",
     inf::BODY_KIND_JSON, "invalid_encrypted_content", "invalid_request_error",
     "The encrypted content gAAA…Rg== could not be verified.", "", false},
    {"TokenInvalidated", 401, "application/json",
     R"({"error":{"message":"Your authentication token has been invalidated.","type":"invalid_request_error","code":"token_invalidated","param":null},"status":401})",
     inf::BODY_KIND_JSON, "token_invalidated", "invalid_request_error",
     "Your authentication token has been invalidated.", "", false},
    {"Unauthorized", 401, "application/json", R"({"detail":"Unauthorized"})", inf::BODY_KIND_JSON, "", "",
     "Unauthorized", "", false},
    {"NotIncluded", 429, "application/json",
     R"({"error":{"type":"usage_not_included","message":"To use Codex with your ChatGPT plan, upgrade to Plus."}})",
     inf::BODY_KIND_JSON, "", "usage_not_included", "To use Codex with your ChatGPT plan, upgrade to Plus.", "", false},
    {"ErrorText", 400, "application/json", R"({"error":"invalid_grant","error_description":"x"})", inf::BODY_KIND_JSON,
     "invalid_grant", "", "invalid_grant", "", false},
    {"FlatCode", 401, "application/json", R"({"code":"refresh_token_expired","message":"old"})", inf::BODY_KIND_JSON,
     "refresh_token_expired", "", "old", "", false},
    {"Empty", 404, "", "", inf::BODY_KIND_EMPTY, "", "", "", "", false},
    {"Plain", 502, "text/plain", "upstream connect error", inf::BODY_KIND_OTHER, "", "", "", "", false},
    {"Html", 503, "text/html", "<html><title>Service down</title></html>", inf::BODY_KIND_HTML, "", "", "", "", false},
    {"JustAMoment", 403, "text/html; charset=UTF-8",
     "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title></head></html>", inf::BODY_KIND_HTML, "",
     "", "", "", true},
    {"Attention", 403, "text/html", "<html><title>Attention Required! | Cloudflare</title></html>", inf::BODY_KIND_HTML,
     "", "", "", "", true},
    {"CutJson", 400, "application/json", R"({"error":{"code":"x","message":"half)", inf::BODY_KIND_JSON, "", "", "", "",
     false},
};

INSTANTIATE_TEST_SUITE_P(Codex, ErrorBody, ::testing::ValuesIn(kRows),
                         [](const auto& info) { return info.param.name; });

inf::Cause CauseOfReply(int status, const std::string& body, const char* content_type = "application/json") {
  return DecodeError({status, {{"content-type", content_type}}}, body, kNow).cause();
}

TEST(CodexErrorDecoder, UnderstandsCodes) {
  EXPECT_EQ(CauseOfReply(402, R"({"detail":{"code":"deactivated_workspace"}})"), inf::CAUSE_DEACTIVATED);
  EXPECT_EQ(CauseOfReply(429, R"({"error":{"type":"usage_limit_reached"}})"), inf::CAUSE_EXHAUSTED);
  EXPECT_EQ(CauseOfReply(401, R"({"error":{"type":"invalid_request_error","code":"token_invalidated"}})"),
            inf::CAUSE_CREDENTIAL);
  EXPECT_EQ(CauseOfReply(400, R"({"error":{"type":"invalid_request_error","code":"invalid_value"}})"),
            inf::CAUSE_UNSPECIFIED);
}

// codex-wire §3.1, §8.2.
TEST(CodexErrorDecoder, UnderstandsWhatIsSaidInWordsAlone) {
  const std::string model =
      R"({"detail":"The 'gpt-9' model is not supported when using Codex with a ChatGPT account."})";
  EXPECT_EQ(CauseOfReply(400, model), inf::CAUSE_MODEL);
  EXPECT_EQ(CauseOfReply(500, model), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(CauseOfReply(401, R"({"detail":"Your OpenAI account has been Deactivated."})"), inf::CAUSE_DEACTIVATED);
  EXPECT_EQ(CauseOfReply(403, "your account was deactivated", "text/plain"), inf::CAUSE_DEACTIVATED);
  EXPECT_EQ(
      CauseOfReply(400, R"({"error":{"message":"The image data you provided does not represent a valid image"}})"),
      inf::CAUSE_BAD_MEDIA);
  EXPECT_EQ(CauseOfReply(401, R"({"detail":"Unauthorized"})"), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(CauseOfReply(400, R"({"detail":"Store must be set to false"})"), inf::CAUSE_UNSPECIFIED);
}

TEST(CodexErrorDecoder, ReadsNoCauseIntoAChallengePage) {
  EXPECT_EQ(CauseOfReply(403, "<html><title>Just a moment...</title>deactivated</html>", "text/html"),
            inf::CAUSE_UNSPECIFIED);
}

TEST(CodexErrorDecoder, NamesTheDialectOfABodyThatItsClientsCanRead) {
  const auto dialect = [](const char* body) { return DecodeError({400, {}}, body, kNow).body_dialect(); };
  EXPECT_EQ(dialect(R"({"error":{"message":"m"}})"), "openai_responses");
  EXPECT_EQ(dialect(R"({"detail":"Unsupported parameter: x"})"), "");
  EXPECT_EQ(dialect(R"({"error":"invalid_grant"})"), "");
  EXPECT_EQ(dialect(R"({"error":{"message":"cut)"), "");
  EXPECT_EQ(dialect(R"({"error":{"message":"m"},"rest":)"), "");
  EXPECT_EQ(dialect(""), "");
}

TEST(CodexErrorDecoder, ReadsResetTimesFromTheBody) {
  const auto at = DecodeError(
      {429, {}}, R"({"error":{"type":"usage_limit_reached","resets_at":1787403600,"resets_in_seconds":5}})", kNow);
  EXPECT_EQ(at.resets_at().seconds(), 1787403600);
  const auto in = DecodeError({429, {}}, R"({"error":{"type":"usage_limit_reached","resets_in_seconds":13540}})", kNow);
  EXPECT_EQ(in.resets_at().seconds(), 1787390000 + 13540);
}

TEST(CodexErrorDecoder, ReadsRetryAfterFromHeaderOrWords) {
  EXPECT_EQ(DecodeError({429, {{"retry-after", "7"}}}, "", kNow).retry_after().seconds(), 7);
  EXPECT_EQ(DecodeError({429, {{"retry-after", "soon"}}}, "", kNow).has_retry_after(), false);
  const auto words = DecodeError({429, {}}, R"({"error":{"message":"Limit. Please try again in 11.5s. Visit"}})", kNow);
  EXPECT_EQ(words.retry_after().seconds(), 11);
  EXPECT_EQ(words.retry_after().nanos(), 500'000'000);
}

TEST(CodexErrorDecoder, SeesAChallengeByItsHeaderAlone) {
  EXPECT_TRUE(DecodeError({403, {{"cf-mitigated", "challenge"}}}, "", kNow).challenge());
}

TEST(CodexErrorDecoder, FallsBackToTheDiagnosticHeaders) {
  const auto failure = DecodeError({401,
                                    {{"x-error-json", Base64Encode(R"({"error":{"code":"token_expired"}})")},
                                     {"x-openai-authorization-error", "expired"}}},
                                   "", kNow);
  EXPECT_EQ(failure.code(), "token_expired");
  EXPECT_EQ(failure.message(), "expired");
}

TEST(CodexErrorDecoder, KeepsNoMoreOfABodyThanTheBound) {
  const auto failure = DecodeError({500, {}}, std::string(200'000, 'x'), kNow);
  EXPECT_EQ(failure.body().size(), std::size_t{64} << 10);
}

}  // namespace
}  // namespace patchbay::upstream::codex
