#include "workers/upstream/dialects/openai_responses/error_decoder.h"

#include <gtest/gtest.h>

namespace patchbay::upstream::openai_responses {
namespace {

namespace inf = inference::v1;

inf::Failure Told(int status, const std::string& body, Headers headers = {}) {
  headers.push_back({"content-type", "application/json"});
  return DecodeError({status, std::move(headers)}, body, WallTime{});
}

TEST(ResponsesErrorDecoder, KnowsTheCauseOfEachHostsWords) {
  struct Case {
    int status;
    std::string body;
    inf::Cause cause;
  };
  const Case cases[] = {
      {401, R"({"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}})",
       inf::CAUSE_CREDENTIAL},
      {429, R"({"error":{"message":"You exceeded","type":"insufficient_quota","code":"insufficient_quota"}})",
       inf::CAUSE_EXHAUSTED},
      {429, R"({"error":{"message":"Slow down","type":"tokens","code":"rate_limit_exceeded"}})",
       inf::CAUSE_RATE_LIMITED},
      {400, R"({"error":{"message":"Your input exceeds the context window","code":"context_length_exceeded"}})",
       inf::CAUSE_CONTEXT_TOO_LONG},
      {400, R"({"error":{"message":"maximum context length is 9","type":"invalid_request_error"}})",
       inf::CAUSE_CONTEXT_TOO_LONG},
      {404, R"({"error":{"message":"The model `x` does not exist","code":"model_not_found"}})", inf::CAUSE_MODEL},
      {400, R"({"error":{"message":"Filtered","code":"content_filter"}})", inf::CAUSE_POLICY},
      {400, R"({"code":"400","error":"This model's maximum prompt length is 9"})", inf::CAUSE_CONTEXT_TOO_LONG},
      {400, R"({"error":{"message":"Not ours","code":"invalid_encrypted_content"}})", inf::CAUSE_SEALED_REASONING},
      {503, R"({"error":{"message":"Busy","code":"server_is_overloaded"}})", inf::CAUSE_OVERLOADED},
      {500, "", inf::CAUSE_UNSPECIFIED},
  };
  for (const Case& c : cases) EXPECT_EQ(Told(c.status, c.body).cause(), c.cause) << c.body;
}

TEST(ResponsesErrorDecoder, SaysWhoseFormTheBodyHas) {
  EXPECT_EQ(Told(400, R"({"error":{"message":"x"}})").body_dialect(), "openai_responses");
  EXPECT_EQ(Told(400, R"({"code":"400","error":"x"})").body_dialect(), "");
  EXPECT_EQ(Told(500, R"({"detail":"x"})").body_dialect(), "");
}

TEST(ResponsesErrorDecoder, ReadsWhenToComeBack) {
  EXPECT_EQ(Told(429, R"({"error":{"message":"x"}})", {{"retry-after", "7"}}).retry_after().seconds(), 7);
  EXPECT_EQ(Told(429, R"({"error":{"message":"Please try again in 11.054s."}})").retry_after().seconds(), 11);
}

}  // namespace
}  // namespace patchbay::upstream::openai_responses
