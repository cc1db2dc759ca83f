#include "workers/accounts/pool/verdict.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};

Verdict Judge(const FailureFacts& failure) { return Classify(failure, {}, kNow); }

FailureFacts Reported(Cause cause) {
  FailureFacts failure;
  failure.stage = Stage::kReported;
  failure.http_status = 200;
  failure.cause = cause;
  failure.body = Body::kJson;
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
  Evidence evidence = Evidence::kWeak;
};

// One case for every row, by its name.
std::vector<Case> Cases() {
  using enum Fault;
  using enum Effect;
  using enum Elsewhere;
  using enum Evidence;
  std::vector<Case> cases = {
      {"gateway", Stopped(Stage::kGateway), kGateway, kNone, kSameToo},
      {"no_credential", Stopped(Stage::kCredential), kGateway, kNone, kSameToo},
      {"resolve", Stopped(Stage::kResolve), kPath, kNone, kSameToo},
      {"connect", Stopped(Stage::kConnect), kPath, kNone, kSameToo},
      {"tls", Stopped(Stage::kTls), kPath, kNone, kSameToo},
      {"send", Stopped(Stage::kSend), kPath, kNone, kOther},
      {"first_byte", Stopped(Stage::kFirstByte), kPath, kNone, kOther},
      {"stream", Stopped(Stage::kStream), kPath, kNone, kOther},
      {"challenge", Challenged(403), kPath, kNone, kOther},
      {"model", Status(400, Cause::kModel), kAccount, kModelUnsupported, kOther},
      {"deactivated", Status(401, Cause::kDeactivated), kAccount, kBan, kOther, kStrong},
      {"not_included", Status(429, Cause::kNotIncluded), kAccount, kBan, kOther, kStrong},
      {"credential", Status(401, Cause::kCredential), kAccount, kRefresh, kOther, kStrong},
      {"exhausted", Status(429, Cause::kExhausted), kAccount, kExhaust, kOther, kStrong},
      {"exhausted", Status(402, Cause::kExhausted), kAccount, kExhaust, kOther, kStrong},
      {"exhausted", Reported(Cause::kExhausted), kAccount, kExhaust, kOther, kStrong},
      {"rate_limited", Reported(Cause::kRateLimited), kAccount, kThrottle, kOther},
      {"overloaded", Status(503, Cause::kOverloaded), kPath, kOverload, kOther},
      {"overloaded", Reported(Cause::kOverloaded), kPath, kOverload, kOther},
      {"server_error", Reported(Cause::kServerError), kPath, kNone, kOther},
      {"region", Status(403, Cause::kRegion), kPath, kNone, kOther},
      {"sealed_reasoning", Status(400, Cause::kSealedReasoning), kRequest, kNone, kUnsealed},
      {"sealed_reasoning", Reported(Cause::kSealedReasoning), kRequest, kNone, kUnsealed},
      {"unauthorized", Status(401), kAccount, kRefresh, kOther},
      {"payment_required", Status(402), kAccount, kExhaust, kOther},
      {"forbidden", Status(403, "something_else"), kAccount, kSuspect, kOther},
      {"forbidden_page", Status(403, "", Body::kHtml), kPath, kNone, kOther},
      {"no_such_route", Status(404, "", Body::kEmpty), kPath, kNone, kOther},
      {"not_found", Status(404), kRequest, kNone, kNo},
      {"request_timeout", Status(408), kPath, kNone, kOther},
      {"upgrade_required", Status(426), kPath, kNone, kOther},
      {"too_many_requests", Status(429, "", Body::kHtml), kAccount, kThrottle, kOther},
      {"refused", Status(400), kRequest, kNone, kNo},
      {"refused", Status(413), kRequest, kNone, kNo},
      {"refused", Status(422), kRequest, kNone, kNo},
      {"unavailable", Status(503, "", Body::kHtml), kPath, kOverload, kOther},
      {"site_overloaded", Status(529), kPath, kOverload, kOther},
      {"gateway_timeout", Status(504), kPath, kNone, kOther},
      {"server_failure", Status(500), kPath, kNone, kOther},
      {"server_failure", Status(520, "", Body::kHtml), kPath, kNone, kOther},
      {"odd_status", Status(302), kPath, kNone, kOther},
      {"reported", Reported(Cause::kUnknown), kPath, kNone, kOther},
  };
  const std::pair<const char*, Cause> refused[] = {
      {"context_too_long", Cause::kContextTooLong},
      {"policy", Cause::kPolicy},
      {"bad_media", Cause::kBadMedia},
      {"bad_request", Cause::kBadRequest},
      {"previous_response", Cause::kPreviousResponse},
      {"no_endpoint", Cause::kNoEndpoint},
  };
  for (const auto& [rule, cause] : refused) {
    cases.push_back({rule, Reported(cause), kRequest, kNone, kNo});
    cases.push_back({rule, Status(403, cause), kRequest, kNone, kNo});
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
    EXPECT_EQ(verdict.evidence, one.evidence) << one.rule;
  }
}

TEST(VerdictTable, HasACaseForEveryRow) {
  std::set<std::string> covered;
  for (const Case& one : Cases()) covered.insert(one.rule);
  for (const VerdictRow& row : VerdictTable()) EXPECT_TRUE(covered.contains(std::string(row.name))) << row.name;
}

TEST(VerdictTable, BelievesAnAccountsOwnCausesAlone) {
  for (const VerdictRow& row : VerdictTable()) {
    if (row.evidence == Evidence::kWeak) {
      EXPECT_NE(row.effect, Effect::kBan) << row.name << ": nothing bans without evidence";
      continue;
    }
    EXPECT_TRUE(row.cause) << row.name;
    EXPECT_EQ(row.fault, Fault::kAccount) << row.name;
  }
}

TEST(VerdictTable, JudgesAnythingAtAll) {
  for (int stage = 0; stage <= static_cast<int>(Stage::kGateway); ++stage) {
    for (int status = 0; status <= 599; ++status) {
      for (int body = 0; body <= static_cast<int>(Body::kOther); ++body) {
        FailureFacts failure = Status(status, "", static_cast<Body>(body));
        failure.stage = static_cast<Stage>(stage);
        EXPECT_NE(Judge(failure).rule, "no_row") << stage << ' ' << status;
        failure.cause = Cause::kTimedOut;  // which has no row of its own
        EXPECT_NE(Judge(failure).rule, "no_row") << stage << ' ' << status;
      }
    }
  }
}

TEST(Verdict, TakesTheResetTimeOverTheDelay) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.resets_at = kNow + 2h;
  failure.retry_after = 10s;
  EXPECT_EQ(Judge(failure).until, kNow + 2h);
}

TEST(Verdict, NeverShortensAReset) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.resets_at = kNow + 7200s;
  EXPECT_EQ(Judge(failure).until, kNow + 7200s);
}

TEST(Verdict, BelievesNoResetBeyondAYear) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  failure.resets_at = WallTime(std::chrono::seconds(15'023'672'358));  // one that was seen (account-pools §1.5)
  EXPECT_FALSE(Judge(failure).until);
  failure.retry_after = 10s;
  EXPECT_EQ(Judge(failure).until, kNow + 10s);
  failure.retry_after = std::chrono::milliseconds::max();
  EXPECT_FALSE(Judge(failure).until);
}

TEST(Verdict, ThrottlesForAsLongAsTheAnswerSaysWithinBounds) {
  FailureFacts failure = Reported(Cause::kRateLimited);
  EXPECT_FALSE(Judge(failure).until) << "the pool knows how often it was";
  failure.retry_after = 1898ms;
  EXPECT_EQ(Judge(failure).until, kNow + 1898ms);
  failure.retry_after = 3ms;
  EXPECT_EQ(Judge(failure).until, kNow + kThrottleLeast);
}

TEST(Verdict, TakesA429WithoutWordsForAThrottleHoweverLongItAsksToWait) {
  FailureFacts failure = Status(429);
  failure.retry_after = 10h;
  EXPECT_EQ(Judge(failure).effect, Effect::kThrottle);
  EXPECT_EQ(Judge(failure).until, kNow + kThrottleMax);
}

TEST(Verdict, TakesA429ForExhaustionOnlyWhereAWindowIsAtItsLimit) {
  QuotaFacts quota;
  quota.windows = {{"primary", 30, 18000s, kNow + 1h}, {"secondary", 99.9, 604800s, kNow + 90h}};
  EXPECT_EQ(Classify(Status(429), quota, kNow).effect, Effect::kThrottle);
  quota.windows.push_back({"a_model", 100, 604800s, kNow + 50h});
  EXPECT_EQ(Classify(Status(429), quota, kNow).effect, Effect::kThrottle) << "a family's limit is not the account's";
  quota.windows[1].used_percent = 100;
  const Verdict verdict = Classify(Status(429), quota, kNow);
  EXPECT_EQ(verdict.effect, Effect::kExhaust);
  EXPECT_EQ(verdict.until, kNow + 90h);
  EXPECT_EQ(verdict.evidence, Evidence::kStrong);
  EXPECT_EQ(Classify(Reported(Cause::kRateLimited), quota, kNow).effect, Effect::kThrottle)
      << "inside a stream the head tells of the time before";
}

TEST(Verdict, ReadsNoProvidersWords) {
  FailureFacts failure = Status(400, "usage_limit_reached");
  EXPECT_EQ(Judge(failure).rule, "refused");
  EXPECT_EQ(Describe(failure), "400 usage_limit_reached") << "they are shown";
}

TEST(Verdict, DescribesAnAnswerThatIsNone) {
  FailureFacts failure;
  failure.stage = Stage::kStream;
  failure.http_status = 200;
  EXPECT_EQ(Describe(failure), "stream broke");
  failure.code = "another_dialect";
  EXPECT_EQ(Describe(failure), "unreadable answer: another_dialect");
}

TEST(Verdict, DescribesAnAnswerWithoutACodeByItsCause) {
  EXPECT_EQ(Describe(Status(400, Cause::kModel)), "400 model_refused");
}

TEST(Verdict, TakesALongThrottleForAWindow) {
  FailureFacts failure = Status(429, Cause::kRateLimited);
  failure.retry_after = 1h;
  EXPECT_EQ(Judge(failure).effect, Effect::kExhaust);
  EXPECT_EQ(Judge(failure).evidence, Evidence::kStrong);
}

TEST(Verdict, FindsTheResetInTheWindowsWhenTheAnswerHasNone) {
  QuotaFacts quota;
  quota.windows = {{"primary", 100, 18000s, kNow + 1h}, {"secondary", 40, 604800s, kNow + 90h}};
  EXPECT_EQ(Classify(Status(429, Cause::kExhausted), quota, kNow).until, kNow + 1h);
}

TEST(Verdict, TakesAResetThatIsJustOverForAMoment) {
  FailureFacts failure = Status(429, Cause::kExhausted);
  for (const auto ago : {0s, 1s, 59s}) {
    failure.resets_at = kNow - ago;
    EXPECT_EQ(Judge(failure).until, kNow + kThrottleLeast) << ago.count();
  }
  failure.resets_at = kNow - 1h;
  EXPECT_EQ(Judge(failure).until, std::nullopt) << "a provider's mistake: nothing is told";
}

}  // namespace
}  // namespace patchbay::accounts
