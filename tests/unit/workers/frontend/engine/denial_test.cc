#include "workers/frontend/engine/denial.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using Kind = Problem::Kind;

accounts::v1::Denied Denied(accounts::v1::DenyReason reason) {
  accounts::v1::Denied denied;
  denied.set_reason(reason);
  return denied;
}

TEST(Denial, HasAKindForEveryReason) {
  const std::vector<std::pair<accounts::v1::DenyReason, Kind>> rows = {
      {accounts::v1::DENY_REASON_UNKNOWN_MODEL, Kind::kUnknownModel},
      {accounts::v1::DENY_REASON_NO_ACCOUNT, Kind::kNoAccount},
      {accounts::v1::DENY_REASON_EXHAUSTED, Kind::kExhausted},
      {accounts::v1::DENY_REASON_THROTTLED, Kind::kThrottled},
      {accounts::v1::DENY_REASON_QUEUE_FULL, Kind::kOverloaded},
      {accounts::v1::DENY_REASON_QUEUE_TIMEOUT, Kind::kOverloaded},
      {accounts::v1::DENY_REASON_REQUEST_FAULT, Kind::kBadRequest},
      {accounts::v1::DENY_REASON_CAPABILITY, Kind::kBadRequest},
      {accounts::v1::DENY_REASON_ATTEMPTS, Kind::kProvider},
      {accounts::v1::DENY_REASON_PATH, Kind::kProvider},
      {accounts::v1::DENY_REASON_KEY, Kind::kBadKey},
      {accounts::v1::DENY_REASON_KEY_TERMS, Kind::kForbidden},
      {accounts::v1::DENY_REASON_KEY_RATE, Kind::kKeyLimit},
      {accounts::v1::DENY_REASON_KEY_BUDGET, Kind::kKeyBudget}};
  for (const auto& [reason, kind] : rows) {
    const Problem problem = ProblemOf(Denied(reason), nullptr);
    EXPECT_EQ(problem.kind, kind) << reason;
    EXPECT_FALSE(problem.message.empty()) << reason;
  }
}

TEST(Denial, SaysWhenToComeBack) {
  auto denied = Denied(accounts::v1::DENY_REASON_KEY_BUDGET);
  denied.mutable_retry_after()->set_seconds(30);
  denied.mutable_available_at()->set_seconds(1'000);
  denied.set_message("not today");
  const Problem problem = ProblemOf(denied, nullptr);
  EXPECT_EQ(problem.kind, Kind::kKeyBudget);
  EXPECT_EQ(problem.retry_after, std::chrono::seconds(30));
  EXPECT_EQ(problem.resets_at, std::chrono::seconds(1'000));
  EXPECT_EQ(problem.message, "not today");
}

TEST(Denial, TellsHowTheAccountsAreUnlessTheRequestIsAtFault) {
  auto denied = Denied(accounts::v1::DENY_REASON_EXHAUSTED);
  denied.set_message("no quota");
  denied.set_accounts("2 exhausted, 1 banned");
  EXPECT_EQ(ProblemOf(denied, nullptr).message, "no quota (accounts: 2 exhausted, 1 banned)");
  inference::v1::Failure failure;
  failure.set_stage(inference::v1::FAILURE_STAGE_STATUS);
  failure.set_http_status(502);
  failure.set_message("bad gateway");
  denied.set_reason(accounts::v1::DENY_REASON_ATTEMPTS);
  EXPECT_EQ(ProblemOf(denied, &failure).message, "bad gateway (accounts: 2 exhausted, 1 banned)");
  denied.set_reason(accounts::v1::DENY_REASON_REQUEST_FAULT);
  EXPECT_EQ(ProblemOf(denied, &failure).message, "bad gateway");
}

TEST(Denial, SaysNothingOfAccountsWhereTheKeyIsAtFault) {
  for (const auto reason : {accounts::v1::DENY_REASON_KEY, accounts::v1::DENY_REASON_KEY_TERMS,
                            accounts::v1::DENY_REASON_KEY_RATE, accounts::v1::DENY_REASON_KEY_BUDGET}) {
    auto denied = Denied(reason);
    denied.set_message("no");
    denied.set_accounts("2 ready");
    EXPECT_EQ(ProblemOf(denied, nullptr).message, "no") << reason;
  }
}

TEST(Denial, ShowsTheFailureWhereThatIsTheAnswer) {
  inference::v1::Failure failure;
  failure.set_stage(inference::v1::FAILURE_STAGE_STATUS);
  failure.set_http_status(400);
  failure.set_cause(inference::v1::CAUSE_CONTEXT_TOO_LONG);
  for (const auto reason :
       {accounts::v1::DENY_REASON_REQUEST_FAULT, accounts::v1::DENY_REASON_ATTEMPTS, accounts::v1::DENY_REASON_PATH}) {
    EXPECT_EQ(ProblemOf(Denied(reason), &failure).kind, Kind::kContextTooLong) << reason;
  }
  EXPECT_EQ(ProblemOf(Denied(accounts::v1::DENY_REASON_EXHAUSTED), &failure).kind, Kind::kExhausted);
}

}  // namespace
}  // namespace patchbay::frontend
