#include "workers/accounts/pool/verdict.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};

Verdict Judge(const FailureFacts& failure) { return Classify(failure, {}, kNow); }

FailureFacts Reported(std::string code) {
  FailureFacts failure;
  failure.stage = Stage::kReported;
  failure.http_status = 200;
  failure.code = std::move(code);
  failure.body = Body::kJson;
  return failure;
}

FailureFacts Said(int status, std::string message) {
  FailureFacts failure = Status(status);
  failure.message = std::move(message);
  return failure;
}

FailureFacts Challenged(int status) {
  FailureFacts failure = Status(status, "", Body::kHtml);
  failure.challenge = true;
  return failure;
}

struct Case {
  std::string rule;
  FailureFacts failure;
  Fault fault;
  Effect effect;
  Elsewhere elsewhere;
};

// One case for every row, by its name, with the bodies of codex-wire §8.
std::vector<Case> Cases() {
  using enum Fault;
  using enum Effect;
  using enum Elsewhere;
  std::vector<Case> cases = {
      {"gateway", Stopped(Stage::kGateway), kGateway, kNone, kSameToo},
      {"credential", Stopped(Stage::kCredential), kGateway, kNone, kSameToo},
      {"resolve", Stopped(Stage::kResolve), kPath, kNone, kSameToo},
      {"connect", Stopped(Stage::kConnect), kPath, kNone, kSameToo},
      {"tls", Stopped(Stage::kTls), kPath, kNone, kSameToo},
      {"send", Stopped(Stage::kSend), kPath, kNone, kOther},
      {"first_byte", Stopped(Stage::kFirstByte), kPath, kNone, kOther},
      {"stream", Stopped(Stage::kStream), kPath, kNone, kOther},
      {"challenge", Challenged(403), kPath, kNone, kOther},
      {"model_not_on_plan", Said(400, "The 'gpt-9' model is not supported when using Codex with a ChatGPT account."),
       kAccount, kModelUnsupported, kOther},
      {"model_not_found", Status(404, "model_not_found"), kAccount, kModelUnsupported, kOther},
      {"model_not_supported", Status(400, "model_not_supported"), kAccount, kModelUnsupported, kOther},
      {"account_deactivated", Status(401, "account_deactivated"), kAccount, kBan, kOther},
      {"deactivated_workspace", Status(402, "deactivated_workspace"), kAccount, kBan, kOther},
      {"usage_not_included", Status(429, "usage_not_included"), kAccount, kBan, kOther},
      {"deactivated", Said(401, "Your OpenAI account has been Deactivated."), kAccount, kBan, kOther},
      {"token_expired", Status(401, "token_expired"), kAccount, kRefresh, kOther},
      {"token_invalidated", Status(401, "token_invalidated"), kAccount, kRefresh, kOther},
      {"token_revoked", Status(401, "token_revoked"), kAccount, kRefresh, kOther},
      {"usage_limit_reached", Status(429, "usage_limit_reached"), kAccount, kExhaust, kOther},
      {"insufficient_quota", Reported("insufficient_quota"), kAccount, kExhaust, kOther},
      {"workspace_owner_credits_depleted", Status(429, "workspace_owner_credits_depleted"), kAccount, kExhaust, kOther},
      {"workspace_member_credits_depleted", Status(429, "workspace_member_credits_depleted"), kAccount, kExhaust,
       kOther},
      {"workspace_owner_usage_limit_reached", Status(429, "workspace_owner_usage_limit_reached"), kAccount, kExhaust,
       kOther},
      {"workspace_member_usage_limit_reached", Status(429, "workspace_member_usage_limit_reached"), kAccount, kExhaust,
       kOther},
      {"rate_limit_exceeded", Reported("rate_limit_exceeded"), kAccount, kThrottle, kOther},
      {"server_is_overloaded", Status(503, "server_is_overloaded"), kPath, kNone, kOther},
      {"slow_down", Reported("slow_down"), kPath, kNone, kOther},
      {"server_error", Reported("server_error"), kPath, kNone, kOther},
      {"unsupported_country_region_territory", Status(403, "unsupported_country_region_territory"), kPath, kNone,
       kOther},
      {"unauthorized", Said(401, "Unauthorized"), kAccount, kRefresh, kOther},
      {"payment_required", Status(402), kAccount, kExhaust, kOther},
      {"forbidden", Status(403, "something_else"), kAccount, kBan, kOther},
      {"forbidden_page", Status(403, "", Body::kHtml), kPath, kNone, kOther},
      {"no_such_route", Status(404, "", Body::kEmpty), kPath, kNone, kOther},
      {"endpoint_not_found", Status(404, "endpoint_not_found", Body::kEmpty), kRequest, kNone, kNo},
      {"not_found", Said(404, "Item with id 'rs_1' not found."), kRequest, kNone, kNo},
      {"request_timeout", Status(408), kPath, kNone, kOther},
      {"upgrade_required", Status(426), kPath, kNone, kOther},
      {"too_many_requests", Status(429, "", Body::kHtml), kAccount, kThrottle, kOther},
      {"bad_request", Said(400, "Store must be set to false"), kRequest, kNone, kNo},
      {"bad_request", Status(413), kRequest, kNone, kNo},
      {"bad_request", Status(422), kRequest, kNone, kNo},
      {"overloaded", Status(503, "", Body::kHtml), kPath, kNone, kOther},
      {"gateway_timeout", Status(504), kPath, kNone, kOther},
      {"server_failure", Status(500), kPath, kNone, kOther},
      {"server_failure", Status(520, "", Body::kHtml), kPath, kNone, kOther},
      {"odd_status", Status(302), kPath, kNone, kOther},
      {"reported", Reported("never_seen_before"), kPath, kNone, kOther},
      {"invalid_encrypted_content", Status(400, "invalid_encrypted_content"), kRequest, kNone, kUnsealed},
      {"invalid_encrypted_content", Reported("invalid_encrypted_content"), kRequest, kNone, kUnsealed},
  };
  for (const char* code : {"context_length_exceeded",
                           "cyber_policy",
                           "bio_policy",
                           "misalignment_policy_violation",
                           "invalid_prompt",
                           "previous_response_not_found",
                           "data_residency_mismatch",
                           "invalid_image",
                           "invalid_image_format",
                           "invalid_base64_image",
                           "invalid_image_url",
                           "invalid_image_mode",
                           "image_too_large",
                           "image_too_small",
                           "image_parse_error",
                           "image_content_policy_violation",
                           "image_file_too_large",
                           "image_file_not_found",
                           "unsupported_image_media_type",
                           "empty_image_file",
                           "failed_to_download_image"}) {
    cases.push_back({code, Reported(code), kRequest, kNone, kNo});
    cases.push_back({code, Status(403, code), kRequest, kNone, kNo});
  }
  return cases;
}

TEST(VerdictTable, JudgesEachKnownAnswer) {
  for (const Case& one : Cases()) {
    const Verdict verdict = Judge(one.failure);
    EXPECT_EQ(verdict.rule, one.rule);
    EXPECT_EQ(verdict.fault, one.fault) << one.rule;
    EXPECT_EQ(verdict.effect, one.effect) << one.rule;
    EXPECT_EQ(verdict.elsewhere, one.elsewhere) << one.rule;
  }
}

TEST(VerdictTable, HasACaseForEveryRow) {
  std::set<std::string> covered;
  for (const Case& one : Cases()) covered.insert(one.rule);
  for (const VerdictRow& row : VerdictTable()) EXPECT_TRUE(covered.contains(std::string(row.name))) << row.name;
}

TEST(VerdictTable, JudgesAnythingAtAll) {
  for (int stage = 0; stage <= static_cast<int>(Stage::kGateway); ++stage) {
    for (int status = 0; status <= 599; ++status) {
      for (int body = 0; body <= static_cast<int>(Body::kOther); ++body) {
        FailureFacts failure = Status(status, "", static_cast<Body>(body));
        failure.stage = static_cast<Stage>(stage);
        EXPECT_NE(Judge(failure).rule, "no_row") << stage << ' ' << status;
      }
    }
  }
}

TEST(Verdict, TakesTheResetTimeOverTheDelay) {
  FailureFacts failure = Status(429, "usage_limit_reached");
  failure.resets_at = kNow + 2h;
  failure.retry_after = 10s;
  EXPECT_EQ(Judge(failure).until, kNow + 2h);
}

TEST(Verdict, NeverShortensAReset) {
  FailureFacts failure = Status(429, "usage_limit_reached");
  failure.resets_at = kNow + 7200s;
  EXPECT_EQ(Judge(failure).until, kNow + 7200s);
}

TEST(Verdict, IgnoresAResetThatIsPast) {
  FailureFacts failure = Status(429, "usage_limit_reached");
  failure.resets_at = kNow - 1s;
  EXPECT_FALSE(Judge(failure).until);
}

TEST(Verdict, ReadsTheDelayOutOfTheText) {
  FailureFacts failure = Reported("rate_limit_exceeded");
  const auto delay = [&](const char* text) {
    failure.message = text;
    return Judge(failure).until.value() - kNow;
  };
  EXPECT_EQ(delay("Please try again in 1.898s. Visit…"), 1898ms);
  EXPECT_EQ(delay("please TRY AGAIN in 20 seconds"), 20s);
  EXPECT_EQ(delay("try again in 350ms"), 350ms);
  EXPECT_EQ(delay("try again in 1m"), 1min);
  EXPECT_EQ(delay("try again in a while"), kThrottleDefault);
  EXPECT_EQ(delay("try again in 1e400s"), kThrottleDefault);
}

TEST(Verdict, TakesALongThrottleForAWindow) {
  FailureFacts failure = Status(429, "rate_limit_exceeded");
  failure.retry_after = 1h;
  EXPECT_EQ(Judge(failure).effect, Effect::kExhaust);
}

TEST(Verdict, FindsTheResetInTheWindowsWhenTheAnswerHasNone) {
  QuotaFacts quota;
  quota.windows = {{"primary", 100, 18000s, kNow + 1h}, {"secondary", 40, 604800s, kNow + 90h}};
  EXPECT_EQ(Classify(Status(429, "usage_limit_reached"), quota, kNow).until, kNow + 1h);
}

}  // namespace
}  // namespace patchbay::accounts
