// From facts to problems to OpenAI's errors: every row.
#include "workers/frontend/call/problem.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend {
namespace {

using Kind = Problem::Kind;

Problem OfFailure(const std::string& text) {
  inference::v1::Failure failure;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &failure)) << text;
  return ProblemOf(failure);
}

struct FailureRow {
  const char* failure;
  Kind kind;
  int status;  // that an OpenAI client sees
};

class Failures : public ::testing::TestWithParam<FailureRow> {};

TEST_P(Failures, BecomeTheRightProblemAndStatus) {
  const Problem problem = OfFailure(GetParam().failure);
  EXPECT_EQ(ToString(problem.kind), ToString(GetParam().kind));
  EXPECT_EQ(OpenAiErrorOf(problem).status, GetParam().status);
  EXPECT_FALSE(problem.message.empty());
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Rows, Failures, ::testing::Values(
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 400 body_kind: BODY_KIND_JSON message: "no" param: "input")", Kind::kBadRequest, 400},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 422)", Kind::kBadRequest, 422},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 400 cause: CAUSE_CONTEXT_TOO_LONG code: "context_length_exceeded")", Kind::kContextTooLong, 400},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 400 cause: CAUSE_POLICY code: "cyber_policy")", Kind::kPolicy, 400},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 404 cause: CAUSE_MODEL code: "model_not_found")", Kind::kUnknownModel, 404},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 404 body_kind: BODY_KIND_JSON)", Kind::kBadRequest, 404},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 404 body_kind: BODY_KIND_EMPTY)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 404 cause: CAUSE_NO_ENDPOINT body_kind: BODY_KIND_EMPTY)", Kind::kNotFound, 404},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 413)", Kind::kTooLarge, 413},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 401 cause: CAUSE_CREDENTIAL code: "token_expired")", Kind::kNoAccount, 503},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 402)", Kind::kNoAccount, 503},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 403)", Kind::kNoAccount, 503},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 403 challenge: true)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 429 cause: CAUSE_EXHAUSTED type: "usage_limit_reached")", Kind::kExhausted, 429},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 429 cause: CAUSE_RATE_LIMITED code: "rate_limit_exceeded")", Kind::kThrottled, 429},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 429)", Kind::kThrottled, 429},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 500)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 502)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 503 cause: CAUSE_OVERLOADED code: "server_is_overloaded")", Kind::kOverloaded, 503},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 504)", Kind::kTimeout, 504},
    FailureRow{R"(stage: FAILURE_STAGE_CREDENTIAL)", Kind::kNoAccount, 503},
    FailureRow{R"(stage: FAILURE_STAGE_RESOLVE)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_CONNECT)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_TLS)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_SEND)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_FIRST_BYTE cause: CAUSE_TIMED_OUT)", Kind::kTimeout, 504},
    FailureRow{R"(stage: FAILURE_STAGE_FIRST_BYTE message: 'the response is not HTTP/1.1')", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_STREAM)", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_STREAM cause: CAUSE_TIMED_OUT message: "no progress")", Kind::kTimeout, 504},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED cause: CAUSE_SERVER_ERROR code: "server_error")", Kind::kProvider, 502},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED cause: CAUSE_BAD_REQUEST code: "invalid_prompt")", Kind::kBadRequest, 400},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED cause: CAUSE_OVERLOADED code: "slow_down")", Kind::kOverloaded, 503},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED cause: CAUSE_EXHAUSTED code: "insufficient_quota")", Kind::kExhausted, 429},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED code: "server_is_overloaded" type: "invalid_request_error")", Kind::kProvider, 502},  // no cause: words are not read
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 413 cause: CAUSE_BAD_REQUEST)", Kind::kTooLarge, 413},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED cause: CAUSE_BAD_MEDIA)", Kind::kBadRequest, 400},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 400 cause: CAUSE_SEALED_REASONING)", Kind::kBadRequest, 400},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 400 cause: CAUSE_PREVIOUS_RESPONSE)", Kind::kBadRequest, 400},
    FailureRow{R"(stage: FAILURE_STAGE_REPORTED cause: CAUSE_DEACTIVATED)", Kind::kNoAccount, 503},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 429 cause: CAUSE_NOT_INCLUDED)", Kind::kExhausted, 429},
    FailureRow{R"(stage: FAILURE_STAGE_STATUS http_status: 403 cause: CAUSE_REGION)", Kind::kNoAccount, 503},
    FailureRow{R"(stage: FAILURE_STAGE_GATEWAY)", Kind::kUnavailable, 503}));
// clang-format on

struct TableRow {
  Kind kind;
  int status;
  const char* type;
  const char* code;
  bool retry;  // without a word about when
};

class OpenAiTable : public ::testing::TestWithParam<TableRow> {};

TEST_P(OpenAiTable, SaysStatusTypeCodeAndWhetherToRetry) {
  const TableRow& row = GetParam();
  const Answer answer = OpenAiErrorAnswer(Problem(row.kind, "text"));
  EXPECT_EQ(answer.status, row.status);
  const auto body = wire::ParseJson(answer.body);
  ASSERT_TRUE(body.ok());
  const auto& error = body->at("error");
  EXPECT_EQ(error.at("message"), "text");
  EXPECT_EQ(error.at("type"), row.type);
  EXPECT_EQ(error.at("code"), row.code);
  EXPECT_TRUE(error.at("param").is_null());
  EXPECT_THAT(answer.headers,
              ::testing::Contains(std::pair<std::string, std::string>("x-should-retry", row.retry ? "true" : "false")));
}

constexpr const char* kInvalid = "invalid_request_error";
INSTANTIATE_TEST_SUITE_P(
    Rows, OpenAiTable,
    ::testing::Values(TableRow{Kind::kBadRequest, 400, kInvalid, "invalid_value", false},
                      TableRow{Kind::kUnsupported, 400, kInvalid, "unsupported_parameter", false},
                      TableRow{Kind::kNoKey, 401, kInvalid, "invalid_api_key", false},
                      TableRow{Kind::kBadKey, 401, kInvalid, "invalid_api_key", false},
                      TableRow{Kind::kForbidden, 403, "permission_error", "forbidden", false},
                      TableRow{Kind::kNotFound, 404, kInvalid, "not_found", false},
                      TableRow{Kind::kMethodNotAllowed, 405, kInvalid, "method_not_allowed", false},
                      TableRow{Kind::kUnknownModel, 404, kInvalid, "model_not_found", false},
                      TableRow{Kind::kTooLarge, 413, kInvalid, "request_too_large", false},
                      TableRow{Kind::kMediaType, 415, kInvalid, "unsupported_media_type", false},
                      TableRow{Kind::kSlowClient, 408, kInvalid, "request_timeout", true},
                      TableRow{Kind::kContextTooLong, 400, kInvalid, "context_length_exceeded", false},
                      TableRow{Kind::kPolicy, 400, kInvalid, "content_policy_violation", false},
                      TableRow{Kind::kThrottled, 429, "rate_limit_error", "rate_limit_exceeded", true},
                      TableRow{Kind::kExhausted, 429, "usage_limit_reached", "usage_limit_reached", false},
                      TableRow{Kind::kKeyLimit, 429, "rate_limit_error", "rate_limit_exceeded", false},
                      TableRow{Kind::kKeyBudget, 429, "insufficient_quota", "insufficient_quota", false},
                      TableRow{Kind::kNoAccount, 503, "service_unavailable_error", "no_account_available", false},
                      TableRow{Kind::kOverloaded, 503, "service_unavailable_error", "server_is_overloaded", true},
                      TableRow{Kind::kUnavailable, 503, "server_error", "gateway_unavailable", true},
                      TableRow{Kind::kProvider, 502, "server_error", "provider_error", true},
                      TableRow{Kind::kTimeout, 504, "server_error", "timeout", true},
                      TableRow{Kind::kInternal, 500, "server_error", "internal_error", true}));

// | `problem` | status | `type` | `code` | class | yes or no | note |
TEST(OpenAiErrorTable, IsTheOneInTheReadme) {
  std::ifstream readme("workers/frontend/dialects/openai_chat/README.md");
  std::map<std::string, std::string> documented;  // problem → "status type code again"
  bool in_table = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.rfind("| problem |", 0) == 0) in_table = true;
    if (line.empty()) in_table = false;
    if (!in_table || line.rfind("| `", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) {
      std::erase_if(cell, [](char c) { return c == ' ' || c == '`'; });
      cells.push_back(cell);
    }
    ASSERT_GE(cells.size(), 6u) << line;
    documented[cells[0]] = cells[1] + " " + cells[2] + " " + cells[3] + " " + cells[5];
  }
  std::map<std::string, std::string> known;
  for (int kind = 0; kind <= static_cast<int>(Kind::kInternal); ++kind) {
    const Problem problem(static_cast<Kind>(kind), "m");
    const OpenAiError error = OpenAiErrorOf(problem);
    known[std::string(ToString(problem.kind))] =
        std::to_string(error.status) + " " + error.type + " " + error.code + (ShouldRetry(problem) ? " yes" : " no");
  }
  EXPECT_EQ(documented, known);
}

TEST(OpenAiErrorAnswer, TellsTheTrueTimeAndNoSdkToSleepForHours) {
  Problem problem(Kind::kExhausted, "used up");
  problem.retry_after = std::chrono::hours(5);
  problem.resets_at = std::chrono::seconds(1787403600);
  const Answer answer = OpenAiErrorAnswer(problem);
  EXPECT_THAT(answer.headers,
              ::testing::IsSupersetOf({std::pair<std::string, std::string>("retry-after", "18000"),
                                       std::pair<std::string, std::string>("x-should-retry", "false")}));
  const auto body = *wire::ParseJson(answer.body);
  EXPECT_EQ(body.at("error").at("resets_at"), 1787403600);
  EXPECT_EQ(body.at("error").at("resets_in_seconds"), 18000);
}

TEST(OpenAiErrorAnswer, TellsAShortWaitAsItIs) {
  Problem problem(Kind::kThrottled, "slow down");
  problem.retry_after = std::chrono::milliseconds(2100);
  EXPECT_THAT(OpenAiErrorAnswer(problem).headers,
              ::testing::IsSupersetOf({std::pair<std::string, std::string>("retry-after", "3"),
                                       std::pair<std::string, std::string>("x-should-retry", "true")}));
}

TEST(ProblemOf, TellsCallersWhatTheProviderSaidOfTheirOwnLogin) {
  const Problem expired = OfFailure(R"(stage: FAILURE_STAGE_STATUS http_status: 401 cause: CAUSE_CREDENTIAL
                                       code: "token_expired" message: "log in" to_callers_login: true)");
  EXPECT_EQ(expired.kind, Kind::kBadKey);
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(expired.message, "log in");
  EXPECT_EQ(expired.code, "token_expired");
  const Problem banned = OfFailure(R"(stage: FAILURE_STAGE_STATUS http_status: 403 cause: CAUSE_DEACTIVATED
                                      to_callers_login: true)");
  EXPECT_EQ(banned.kind, Kind::kForbidden);
  EXPECT_EQ(banned.message, "the provider refused your login");
  const Problem used_up = OfFailure(R"(stage: FAILURE_STAGE_STATUS http_status: 429 cause: CAUSE_EXHAUSTED
                                       to_callers_login: true)");
  EXPECT_EQ(used_up.kind, Kind::kExhausted);
}

TEST(ProblemOf, KeepsTheProvidersWordsOnlyForFaultsOfTheRequest) {
  const Problem request = OfFailure(
      R"(stage: FAILURE_STAGE_STATUS http_status: 400 body_kind: BODY_KIND_JSON code: "invalid_value" param: "input[3].type" message: "Invalid" body: "{}" body_dialect: "openai_responses")");
  EXPECT_EQ(request.param, "input[3].type");
  EXPECT_EQ(request.code, "invalid_value");
  EXPECT_EQ(request.provider_body, "{}");
  EXPECT_EQ(request.body_dialect, "openai_responses");
  const Problem account = OfFailure(
      R"(stage: FAILURE_STAGE_STATUS http_status: 401 body_kind: BODY_KIND_JSON cause: CAUSE_CREDENTIAL code: "token_revoked" message: "bob's token" body: "{}")");
  EXPECT_EQ(account.code, "");
  EXPECT_EQ(account.provider_body, "");
  EXPECT_EQ(account.message.find("bob"), std::string::npos);
}

TEST(ProblemOf, TakesTheJsonPointerOfAnErrorForItsParam) {
  EXPECT_EQ(ProblemOf(Error(ErrorCode::kInvalidArgument, "x").At("/messages/0")).param, "/messages/0");
  EXPECT_EQ(ProblemOf(Error(ErrorCode::kInvalidArgument, "x").At("line 3, column 1")).param, "");
}

}  // namespace
}  // namespace patchbay::frontend
