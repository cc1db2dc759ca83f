#include "workers/frontend/call/problem.h"

#include "lib/time/proto_time.h"

namespace patchbay::frontend {
namespace {

using inference::v1::Failure;
using Kind = Problem::Kind;

// What the provider's dialect understood of its words, whatever the status was. Unset: nothing.
std::optional<Kind> KindOfCause(const Failure& failure) {
  switch (failure.cause()) {
    case inference::v1::CAUSE_BAD_REQUEST: return failure.http_status() == 413 ? Kind::kTooLarge : Kind::kBadRequest;
    case inference::v1::CAUSE_BAD_MEDIA:
    case inference::v1::CAUSE_SEALED_REASONING:
    case inference::v1::CAUSE_PREVIOUS_RESPONSE: return Kind::kBadRequest;
    case inference::v1::CAUSE_CONTEXT_TOO_LONG: return Kind::kContextTooLong;
    case inference::v1::CAUSE_POLICY: return Kind::kPolicy;
    case inference::v1::CAUSE_NO_ENDPOINT: return Kind::kNotFound;
    case inference::v1::CAUSE_MODEL: return Kind::kUnknownModel;
    // The operator must act first; the client's own key is fine, so it must never see 401.
    case inference::v1::CAUSE_DEACTIVATED:
    case inference::v1::CAUSE_CREDENTIAL:
    case inference::v1::CAUSE_REGION: return Kind::kNoAccount;
    case inference::v1::CAUSE_NOT_INCLUDED:
    case inference::v1::CAUSE_EXHAUSTED: return Kind::kExhausted;
    case inference::v1::CAUSE_RATE_LIMITED: return Kind::kThrottled;
    case inference::v1::CAUSE_OVERLOADED: return Kind::kOverloaded;
    case inference::v1::CAUSE_SERVER_ERROR: return Kind::kProvider;
    case inference::v1::CAUSE_TIMED_OUT: return Kind::kTimeout;
    // Without a default a new cause is a compiler's warning here; one of a newer sender says nothing.
    case inference::v1::CAUSE_UNSPECIFIED:
    case inference::v1::Cause_INT_MIN_SENTINEL_DO_NOT_USE_:
    case inference::v1::Cause_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return std::nullopt;
}

Kind KindOfStatus(const Failure& failure) {
  switch (failure.http_status()) {
    case 400:
    case 405:
    case 409:
    case 415:
    case 422: return Kind::kBadRequest;
    // A bare 404 is a route that is not there: the provider's fault, not the client's.
    case 404: return failure.body_kind() == inference::v1::BODY_KIND_JSON ? Kind::kBadRequest : Kind::kProvider;
    case 413: return Kind::kTooLarge;
    // The account was refused. The client's own key is fine, so it must never see 401.
    case 401:
    case 402: return Kind::kNoAccount;
    case 403: return failure.challenge() ? Kind::kProvider : Kind::kNoAccount;
    case 408:
    case 504: return Kind::kTimeout;
    case 429: return Kind::kThrottled;
    case 503: return Kind::kOverloaded;
    default: return Kind::kProvider;
  }
}

bool TimedOut(const Failure& failure) { return failure.cause() == inference::v1::CAUSE_TIMED_OUT; }

Kind KindOf(const Failure& failure) {
  switch (failure.stage()) {
    case inference::v1::FAILURE_STAGE_STATUS: return KindOfCause(failure).value_or(KindOfStatus(failure));
    case inference::v1::FAILURE_STAGE_REPORTED: return KindOfCause(failure).value_or(Kind::kProvider);
    case inference::v1::FAILURE_STAGE_CREDENTIAL: return Kind::kNoAccount;
    case inference::v1::FAILURE_STAGE_GATEWAY: return Kind::kUnavailable;
    // Silence is one thing, an answer that is no HTTP or that breaks off is another.
    case inference::v1::FAILURE_STAGE_FIRST_BYTE:
    case inference::v1::FAILURE_STAGE_STREAM: return TimedOut(failure) ? Kind::kTimeout : Kind::kProvider;
    case inference::v1::FAILURE_STAGE_RESOLVE:
    case inference::v1::FAILURE_STAGE_CONNECT:
    case inference::v1::FAILURE_STAGE_TLS:
    case inference::v1::FAILURE_STAGE_SEND:
    default: return Kind::kProvider;
  }
}

std::string MessageFor(const Failure& failure, Kind kind) {
  // The provider's words about an account are the operator's business, not the client's.
  if (kind == Kind::kNoAccount) return "the provider refused every account that could have served this request";
  const bool timed_out = TimedOut(failure);
  if (!failure.message().empty() && !timed_out) return failure.message();
  switch (failure.stage()) {
    case inference::v1::FAILURE_STAGE_RESOLVE:
    case inference::v1::FAILURE_STAGE_CONNECT:
    case inference::v1::FAILURE_STAGE_TLS: return "the provider could not be reached";
    case inference::v1::FAILURE_STAGE_SEND: return "the connection to the provider broke while the request was sent";
    case inference::v1::FAILURE_STAGE_FIRST_BYTE:
      return timed_out ? "the provider did not answer in time" : "the provider's answer could not be read";
    case inference::v1::FAILURE_STAGE_STREAM:
      return timed_out ? "the provider fell silent before its answer's end"
                       : "the provider's answer broke off before its end";
    case inference::v1::FAILURE_STAGE_GATEWAY: return "a part of the gateway went away during the call";
    default: break;
  }
  if (failure.challenge()) return "the provider answered with a challenge page";
  if (failure.http_status() != 0) return "the provider answered with status " + std::to_string(failure.http_status());
  return "the provider reported an error";
}

// What the provider says of the caller's own login is for the caller: it logs in again, or asks its owner.
Problem ProblemOfLogin(const Failure& failure) {
  Problem problem(failure.http_status() == 401 ? Kind::kBadKey : Kind::kForbidden,
                  failure.message().empty() ? "the provider refused your login" : failure.message());
  problem.code = failure.code();
  problem.status = failure.http_status();
  problem.provider_body = failure.body();
  problem.body_dialect = failure.body_dialect();
  return problem;
}

bool IsRequestFault(Kind kind) {
  return kind == Kind::kBadRequest || kind == Kind::kContextTooLong || kind == Kind::kPolicy ||
         kind == Kind::kUnknownModel || kind == Kind::kTooLarge;
}

}  // namespace

std::string_view ToString(Kind kind) {
  switch (kind) {
    case Kind::kBadRequest: return "bad_request";
    case Kind::kUnsupported: return "unsupported";
    case Kind::kNoKey: return "no_key";
    case Kind::kBadKey: return "bad_key";
    case Kind::kForbidden: return "forbidden";
    case Kind::kNotFound: return "not_found";
    case Kind::kMethodNotAllowed: return "method_not_allowed";
    case Kind::kUnknownModel: return "unknown_model";
    case Kind::kTooLarge: return "too_large";
    case Kind::kMediaType: return "media_type";
    case Kind::kSlowClient: return "slow_client";
    case Kind::kContextTooLong: return "context_too_long";
    case Kind::kPolicy: return "policy";
    case Kind::kThrottled: return "throttled";
    case Kind::kExhausted: return "exhausted";
    case Kind::kKeyLimit: return "key_limit";
    case Kind::kKeyBudget: return "key_budget";
    case Kind::kNoAccount: return "no_account";
    case Kind::kOverloaded: return "overloaded";
    case Kind::kUnavailable: return "unavailable";
    case Kind::kProvider: return "provider";
    case Kind::kTimeout: return "timeout";
    case Kind::kInternal: return "internal";
  }
  return "internal";
}

Problem ProblemOf(const Error& error) {
  const auto kind = [&] {
    switch (error.code) {
      case ErrorCode::kInvalidArgument: return Kind::kBadRequest;
      case ErrorCode::kUnauthenticated: return Kind::kBadKey;
      case ErrorCode::kPermissionDenied: return Kind::kForbidden;
      case ErrorCode::kNotFound: return Kind::kNotFound;
      case ErrorCode::kAlreadyExists: return Kind::kBadRequest;
      case ErrorCode::kFailedPrecondition: return Kind::kBadRequest;
      case ErrorCode::kTooLarge: return Kind::kTooLarge;
      case ErrorCode::kResourceExhausted: return Kind::kOverloaded;
      case ErrorCode::kUnsupported: return Kind::kUnsupported;
      case ErrorCode::kUnavailable: return Kind::kUnavailable;
      case ErrorCode::kDeadlineExceeded: return error.origin == Origin::kClient ? Kind::kSlowClient : Kind::kTimeout;
      case ErrorCode::kCancelled: return Kind::kUnavailable;
      case ErrorCode::kProtocol: return error.origin == Origin::kClient ? Kind::kBadRequest : Kind::kProvider;
      case ErrorCode::kInternal: return Kind::kInternal;
    }
    return Kind::kInternal;
  }();
  Problem problem(kind, error.message);
  // `where` is also used for "line 3, column 7", which the message already tells.
  if (!error.where.empty() && error.where.front() == '/') problem.param = error.where;
  return problem;
}

Problem ProblemOf(const Failure& failure) {
  if (failure.to_callers_login() && KindOf(failure) == Kind::kNoAccount) return ProblemOfLogin(failure);
  const Kind kind = KindOf(failure);
  Problem problem(kind, MessageFor(failure, kind));
  if (failure.has_retry_after()) problem.retry_after = ToMilliseconds(failure.retry_after());
  if (failure.has_resets_at()) problem.resets_at = std::chrono::seconds(failure.resets_at().seconds());
  if (kind == Kind::kNoAccount) return problem;
  problem.code = failure.code();
  if (!IsRequestFault(kind)) return problem;
  problem.param = failure.param();
  if (failure.stage() == inference::v1::FAILURE_STAGE_STATUS) {
    problem.status = failure.http_status();
    problem.provider_body = failure.body();
    problem.body_dialect = failure.body_dialect();
  }
  return problem;
}

bool ShouldRetry(const Problem& problem) {
  switch (problem.kind) {
    case Kind::kBadRequest:
    case Kind::kUnsupported:
    case Kind::kNoKey:
    case Kind::kBadKey:
    case Kind::kForbidden:
    case Kind::kNotFound:
    case Kind::kMethodNotAllowed:
    case Kind::kUnknownModel:
    case Kind::kTooLarge:
    case Kind::kMediaType:
    case Kind::kContextTooLong:
    case Kind::kPolicy:
    case Kind::kNoAccount: return false;
    // Without a word about when, a throttle is short and an exhaustion long.
    case Kind::kThrottled: return !problem.retry_after || *problem.retry_after <= kMaxRetryAfter;
    case Kind::kExhausted:
    case Kind::kKeyLimit:
    case Kind::kKeyBudget: return problem.retry_after && *problem.retry_after <= kMaxRetryAfter;
    case Kind::kSlowClient:
    case Kind::kOverloaded:
    case Kind::kUnavailable:
    case Kind::kProvider:
    case Kind::kTimeout:
    case Kind::kInternal: return true;
  }
  return true;
}

}  // namespace patchbay::frontend
