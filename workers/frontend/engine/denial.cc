#include "workers/frontend/engine/denial.h"

#include "lib/time/proto_time.h"

namespace patchbay::frontend {
namespace {

using Kind = Problem::Kind;

Kind KindOf(accounts::v1::DenyReason reason) {
  switch (reason) {
    case accounts::v1::DENY_REASON_UNKNOWN_MODEL: return Kind::kUnknownModel;
    case accounts::v1::DENY_REASON_NO_ACCOUNT: return Kind::kNoAccount;
    case accounts::v1::DENY_REASON_EXHAUSTED: return Kind::kExhausted;
    case accounts::v1::DENY_REASON_THROTTLED: return Kind::kThrottled;
    case accounts::v1::DENY_REASON_QUEUE_FULL:
    case accounts::v1::DENY_REASON_QUEUE_TIMEOUT: return Kind::kOverloaded;
    case accounts::v1::DENY_REASON_REQUEST_FAULT:
    case accounts::v1::DENY_REASON_CAPABILITY: return Kind::kBadRequest;
    case accounts::v1::DENY_REASON_ATTEMPTS:
    case accounts::v1::DENY_REASON_PATH: return Kind::kProvider;
    case accounts::v1::DENY_REASON_KEY: return Kind::kBadKey;
    case accounts::v1::DENY_REASON_KEY_TERMS: return Kind::kForbidden;
    case accounts::v1::DENY_REASON_KEY_RATE: return Kind::kKeyLimit;
    case accounts::v1::DENY_REASON_KEY_BUDGET: return Kind::kKeyBudget;
    case accounts::v1::DENY_REASON_UNSPECIFIED:
    default: return Kind::kUnavailable;
  }
}

std::string_view DefaultMessage(Kind kind) {
  switch (kind) {
    case Kind::kUnknownModel: return "no configured provider serves this model";
    case Kind::kNoAccount: return "no account can serve this request";
    case Kind::kExhausted: return "the usage limit of every account has been reached";
    case Kind::kThrottled: return "every account is throttled for a moment";
    case Kind::kOverloaded: return "no account became free in time";
    case Kind::kBadKey: return "the client key is not valid";
    case Kind::kForbidden: return "the client key may not be used for this";
    case Kind::kKeyLimit: return "the client key is over its limits";
    case Kind::kKeyBudget: return "the client key's budget is used up";
    default: return "the request could not be served";
  }
}

// These denials say that the failure itself is the answer.
bool ShowsFailure(accounts::v1::DenyReason reason) {
  return reason == accounts::v1::DENY_REASON_REQUEST_FAULT || reason == accounts::v1::DENY_REASON_ATTEMPTS ||
         reason == accounts::v1::DENY_REASON_PATH;
}

bool IsAboutAccounts(accounts::v1::DenyReason reason) {
  switch (reason) {
    case accounts::v1::DENY_REASON_REQUEST_FAULT:
    case accounts::v1::DENY_REASON_KEY:
    case accounts::v1::DENY_REASON_KEY_TERMS:
    case accounts::v1::DENY_REASON_KEY_RATE:
    case accounts::v1::DENY_REASON_KEY_BUDGET: return false;
    default: return true;
  }
}

// In which state the accounts are, for whoever reads the client's error. Not where the request itself is at fault, or
// its key.
void AddAccounts(const accounts::v1::Denied& denied, Problem& problem) {
  if (denied.accounts().empty() || !IsAboutAccounts(denied.reason())) return;
  problem.message += " (accounts: " + denied.accounts() + ")";
}

}  // namespace

Problem ProblemOf(const accounts::v1::Denied& denied, const inference::v1::Failure* last_failure) {
  if (last_failure != nullptr && ShowsFailure(denied.reason())) {
    Problem problem = ProblemOf(*last_failure);
    if (!problem.retry_after && denied.has_retry_after()) problem.retry_after = ToMilliseconds(denied.retry_after());
    AddAccounts(denied, problem);
    return problem;
  }
  Problem problem;
  problem.kind = KindOf(denied.reason());
  problem.message = denied.message().empty() ? std::string(DefaultMessage(problem.kind)) : denied.message();
  if (problem.kind == Kind::kUnknownModel) problem.param = "model";
  if (denied.has_retry_after()) problem.retry_after = ToMilliseconds(denied.retry_after());
  if (denied.has_available_at()) problem.resets_at = std::chrono::seconds(denied.available_at().seconds());
  AddAccounts(denied, problem);
  return problem;
}

}  // namespace patchbay::frontend
