#include "workers/upstream/dialects/openai_chat/error_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/sim/refusals.h"

namespace patchbay::upstream::openai_chat {
namespace {

namespace inf = inference::v1;

const WallTime kErrorTime{std::chrono::seconds(1787390000)};

inf::Failure Told(int status, const std::string& body, Headers headers = {{"content-type", "application/json"}}) {
  return DecodeError({status, std::move(headers)}, body, kErrorTime);
}

std::string Saying(const std::string& message) {
  return R"({"error":{"message":")" + message + R"(","type":"invalid_request_error","param":null,"code":null}})";
}

TEST(ChatErrorDecoder, ReadsTheUsualObject) {
  const inf::Failure failure = Told(
      429,
      R"({"error":{"message":"Please try again in 1.5s.","type":"tokens","param":"p","code":"rate_limit_exceeded"}})",
      {{"content-type", "application/json"}, {"x-request-id", "req_1"}});
  EXPECT_EQ(failure.stage(), inf::FAILURE_STAGE_STATUS);
  EXPECT_EQ(failure.code(), "rate_limit_exceeded");
  EXPECT_EQ(failure.type(), "tokens");
  EXPECT_EQ(failure.param(), "p");
  EXPECT_EQ(failure.cause(), inf::CAUSE_RATE_LIMITED);
  EXPECT_EQ(failure.retry_after().seconds(), 1);
  EXPECT_EQ(failure.provider_request_id(), "req_1");
  EXPECT_EQ(failure.body_dialect(), "openai_chat");
}

// providers §2 rule 10, a text of each.
TEST(ChatErrorDecoder, KnowsTheTextsForAContextThatIsTooLong) {
  for (const char* text :
       {"prompt is too long: 210000 tokens > 200000 maximum", "Your input exceeds the context window of this model.",
        "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
        "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
        "Please reduce the length of the messages or completion.",
        "This model's maximum context length is 128000 tokens.",
        "the request exceeds the available context size, try increasing it",
        "The number of tokens to keep from the initial prompt is greater than the context length.",
        "invalid params, context window exceeds limit (2013)",
        "Invalid request: Your request exceeded model token limit: 262144",
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        "prompt token count of 200000 exceeds the limit of 128000"}) {
    EXPECT_EQ(Told(400, Saying(text)).cause(), inf::CAUSE_CONTEXT_TOO_LONG) << text;
  }
  EXPECT_EQ(Told(413, "", {}).cause(), inf::CAUSE_CONTEXT_TOO_LONG);
  EXPECT_EQ(Told(400, "", {}).cause(), inf::CAUSE_CONTEXT_TOO_LONG);
  // What has a limit need not be the context.
  EXPECT_EQ(Told(400, Saying("The image exceeds the limit of 5 MB")).cause(), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(Told(429, Saying("maximum context length is 10")).cause(), inf::CAUSE_UNSPECIFIED);
}

TEST(ChatErrorDecoder, ReadsEverySpellingOfAnError) {
  struct Case {
    int status;
    const char* body;
    const char* message;
    inf::Cause cause;
  };
  const Case cases[] = {
      {404, R"({"error":"model \"x\" not found, try pulling it first"})", "model \"x\" not found, try pulling it first",
       inf::CAUSE_MODEL},
      {422, R"({"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]})", "Field required",
       inf::CAUSE_UNSPECIFIED},
      {401, R"({"detail":"Unauthorized"})", "Unauthorized", inf::CAUSE_UNSPECIFIED},
      {400, R"([{"error":{"code":400,"message":"Bad","status":"INVALID_ARGUMENT"}}])", "Bad", inf::CAUSE_UNSPECIFIED},
      {400, R"({"object":"error","message":"Bad","type":"invalid_request_message_order","code":"3230"})", "Bad",
       inf::CAUSE_UNSPECIFIED},
      {402, R"({"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}})",
       "Insufficient Balance", inf::CAUSE_EXHAUSTED},
      {402, R"({"error":{"message":"This request requires more credits","code":402}})",
       "This request requires more credits", inf::CAUSE_EXHAUSTED},
      {400, R"({"error":{"message":"x/y is not a valid model ID","code":400}})", "x/y is not a valid model ID",
       inf::CAUSE_MODEL},
      {503, "upstream is gone", "", inf::CAUSE_UNSPECIFIED},
  };
  for (const Case& c : cases) {
    const inf::Failure failure = Told(c.status, c.body);
    EXPECT_EQ(failure.message(), c.message) << c.body;
    EXPECT_EQ(failure.cause(), c.cause) << c.body;
    EXPECT_EQ(failure.http_status(), c.status) << c.body;
  }
}

TEST(ChatErrorDecoder, PassesOnOnlyBodiesThatItsClientsCanRead) {
  EXPECT_EQ(Told(400, Saying("x")).body_dialect(), "openai_chat");
  EXPECT_EQ(Told(401, R"({"detail":"Unauthorized"})").body_dialect(), "");
  EXPECT_EQ(Told(404, R"({"error":"no such model"})").body_dialect(), "");
  EXPECT_EQ(Told(502, "<html></html>", {{"content-type", "text/html"}}).body_dialect(), "");
}

TEST(ChatErrorDecoder, RecognisesAChallengeAndSaysNoMore) {
  const sim::Reply page = sim::ChallengePage();
  const inf::Failure failure = Told(403, page.body, {{"content-type", "text/html"}, {"cf-mitigated", "challenge"}});
  EXPECT_TRUE(failure.challenge());
  EXPECT_EQ(failure.cause(), inf::CAUSE_UNSPECIFIED);
}

// What the simulated provider says is what the real ones say.
TEST(ChatErrorDecoder, KnowsTheCausesOfTheSimulatedProvider) {
  const std::pair<const char*, inf::Cause> cases[] = {{"context_length_exceeded", inf::CAUSE_CONTEXT_TOO_LONG},
                                                      {"overflow", inf::CAUSE_CONTEXT_TOO_LONG},
                                                      {"content_filter", inf::CAUSE_POLICY},
                                                      {"invalid_api_key", inf::CAUSE_CREDENTIAL},
                                                      {"model_not_found", inf::CAUSE_MODEL},
                                                      {"balance", inf::CAUSE_EXHAUSTED},
                                                      {"insufficient_quota", inf::CAUSE_EXHAUSTED},
                                                      {"rate_limit_exceeded", inf::CAUSE_RATE_LIMITED},
                                                      {"invalid_image", inf::CAUSE_BAD_MEDIA},
                                                      {"overloaded", inf::CAUSE_OVERLOADED},
                                                      {"server_error", inf::CAUSE_SERVER_ERROR},
                                                      {"geo", inf::CAUSE_REGION}};
  for (const auto& [kind, cause] : cases) {
    const auto reply = sim::RefusalFor(sim::Scenario{"status", {{"kind", kind}}}, "plus", 0);
    ASSERT_TRUE(reply) << kind;
    EXPECT_EQ(Told(static_cast<int>(reply->status), reply->body).cause(), cause) << kind;
  }
}

// An error inside an answer: what judges it looks at its cause alone.
TEST(ChatErrorDecoder, KnowsTheCauseOfAnErrorThatNamesItsStatus) {
  const auto cause = [](int status, const std::string& message = "It broke.") {
    inf::Failure failure;
    failure.set_stage(inf::FAILURE_STAGE_REPORTED);
    failure.set_http_status(status);
    failure.set_message(message);
    CompleteFailure(failure);
    return failure.cause();
  };
  EXPECT_EQ(cause(0, "The model `x` does not exist."), inf::CAUSE_MODEL);
  EXPECT_EQ(cause(0), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(cause(400), inf::CAUSE_BAD_REQUEST);
  EXPECT_EQ(cause(400, "prompt is too long"), inf::CAUSE_CONTEXT_TOO_LONG);
  EXPECT_EQ(cause(401), inf::CAUSE_CREDENTIAL);
  EXPECT_EQ(cause(402), inf::CAUSE_EXHAUSTED);
  EXPECT_EQ(cause(403), inf::CAUSE_UNSPECIFIED);
  EXPECT_EQ(cause(429), inf::CAUSE_RATE_LIMITED);
  EXPECT_EQ(cause(503), inf::CAUSE_OVERLOADED);
  EXPECT_EQ(cause(502), inf::CAUSE_SERVER_ERROR);
  EXPECT_EQ(Told(429, "{}").cause(), inf::CAUSE_UNSPECIFIED) << "a reply's status speaks for itself";
}

}  // namespace
}  // namespace patchbay::upstream::openai_chat
