#include "workers/accounts/pool/verdict.h"

#include <algorithm>

#include "workers/accounts/pool/operator_verdict.h"

namespace patchbay::accounts {
namespace {

bool Matches(const VerdictRow& row, const FailureFacts& failure, Stage stage) {
  return (row.stages & (1u << static_cast<unsigned>(stage))) != 0 && failure.http_status >= row.status_min &&
         failure.http_status <= row.status_max && (!row.cause || *row.cause == failure.cause) &&
         (row.bodies & (1u << static_cast<unsigned>(failure.body))) != 0 && (!row.challenge || failure.challenge);
}

// The latest reset among the account's windows that are used up, or, where the call was of an extra limit, among that
// limit's.
std::optional<WallTime> FullWindowReset(const QuotaFacts& quota, WallTime now) {
  std::optional<WallTime> latest;
  for (const auto& window : quota.windows) {
    const bool concerns = quota.active_limit.empty() ? IsGeneral(window) : window.name == quota.active_limit;
    if (window.used_percent < 100 || !concerns || !window.resets_at || *window.resets_at <= now) continue;
    if (!latest || *window.resets_at > *latest) latest = window.resets_at;
  }
  return latest;
}

}  // namespace

Verdict Classify(const FailureFacts& failure, const QuotaFacts& quota, WallTime now,
                 const std::vector<OperatorVerdict>& rows, const std::string& provider) {
  // A sender that does not say where it stopped: an answer if there is a status, else one of ours.
  Stage stage = failure.stage;
  if (stage == Stage::kUnknown) stage = failure.http_status != 0 ? Stage::kStatus : Stage::kGateway;

  const auto sane = [&](WallTime time) { return time > now && time - now <= kResetMax; };
  std::optional<WallTime> told;
  if (failure.resets_at && sane(*failure.resets_at)) told = failure.resets_at;
  // It resets as we are told of it: a moment, and no reason to rest for as long as when nothing is told.
  if (failure.resets_at && *failure.resets_at <= now && now - *failure.resets_at < kJustReset)
    told = now + kThrottleLeast;
  if (!told && failure.retry_after && *failure.retry_after <= kResetMax) told = now + *failure.retry_after;
  if (told && !sane(*told)) told.reset();

  const auto theirs = std::find_if(rows.begin(), rows.end(),
                                   [&](const OperatorVerdict& each) { return each.Matches(provider, failure); });
  if (theirs != rows.end()) {
    Verdict verdict{theirs->name, theirs->fault, theirs->effect, theirs->elsewhere, theirs->evidence, std::nullopt};
    const bool rests = verdict.effect == Effect::kThrottle || verdict.effect == Effect::kExhaust;
    if (rests) verdict.until = told ? told : now + theirs->rest;
    return verdict;
  }
  const auto table = VerdictTable();
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const VerdictRow& r) { return Matches(r, failure, stage); });
  if (row == table.end())
    return {"no_row", Fault::kPath, Effect::kNone, Elsewhere::kOther, Evidence::kWeak, std::nullopt};

  Verdict verdict{std::string(row->name), row->fault, row->effect, row->elsewhere, row->evidence, std::nullopt};

  const auto full_until = FullWindowReset(quota, now);
  if (verdict.effect == Effect::kExhaust) {
    verdict.until = told ? told : full_until;
  } else if (verdict.effect == Effect::kThrottle && stage == Stage::kStatus && full_until) {
    // The head of the answer shows a window at its limit: more than a burst.
    verdict.effect = Effect::kExhaust;
    verdict.evidence = Evidence::kStrong;
    verdict.until = full_until;
  } else if (verdict.effect == Effect::kThrottle && told) {
    const bool by_name = row->cause == Cause::kRateLimited;
    if (by_name && *told - now > kThrottleMax) {
      verdict.effect = Effect::kExhaust;
      verdict.evidence = Evidence::kStrong;
      verdict.until = told;
    } else {
      verdict.until = now + std::clamp<WallTime::duration>(*told - now, kThrottleLeast, kThrottleMax);
    }
  }
  return verdict;
}

std::string Signature(const FailureFacts& failure, const Verdict& verdict) {
  std::string out(ToString(verdict.effect));
  out += '|' + std::to_string(failure.http_status) + '|' + failure.code + '|' + failure.type + '|';
  if (verdict.effect == Effect::kExhaust && failure.resets_at) {
    out +=
        std::to_string(std::chrono::duration_cast<std::chrono::minutes>(failure.resets_at->time_since_epoch()).count());
  }
  return out;
}

std::string Describe(const FailureFacts& failure) {
  if (failure.http_status != 0 && failure.stage != Stage::kStream) {
    std::string out = failure.stage == Stage::kReported ? "in stream" : std::to_string(failure.http_status);
    if (failure.challenge) return out + " challenge page";
    if (!failure.code.empty()) return out + ' ' + failure.code;
    if (!failure.type.empty()) return out + ' ' + failure.type;
    if (failure.cause != Cause::kUnknown) return out + ' ' + std::string(ToString(failure.cause));
    switch (failure.body) {
      case Body::kEmpty: return out + " empty body";
      case Body::kHtml: return out + " HTML page";
      case Body::kJson:
      case Body::kOther:
      case Body::kUnknown: return out;
    }
    return out;
  }
  switch (failure.stage) {
    case Stage::kCredential: return "no credential upstream";
    case Stage::kResolve: return "name not resolved";
    case Stage::kConnect: return "connect failed";
    case Stage::kTls: return "TLS failed";
    case Stage::kSend: return "sending failed";
    case Stage::kFirstByte: return "no answer in time";
    case Stage::kStream: return failure.code.empty() ? "stream broke" : "unreadable answer: " + failure.code;
    case Stage::kReported: return failure.code.empty() ? "error event" : "in stream " + failure.code;
    case Stage::kGateway: return "a gateway process vanished";
    case Stage::kStatus:
    case Stage::kUnknown: return "failed";
  }
  return "failed";
}

std::string_view ToString(Cause cause) {
  switch (cause) {
    case Cause::kUnknown: return "unknown";
    case Cause::kBadRequest: return "bad_request";
    case Cause::kContextTooLong: return "context_too_long";
    case Cause::kPolicy: return "policy";
    case Cause::kBadMedia: return "bad_media";
    case Cause::kSealedReasoning: return "sealed_reasoning";
    case Cause::kPreviousResponse: return "previous_response";
    case Cause::kNoEndpoint: return "no_endpoint";
    case Cause::kModel: return "model_refused";
    case Cause::kDeactivated: return "deactivated";
    case Cause::kNotIncluded: return "not_included";
    case Cause::kCredential: return "credential_refused";
    case Cause::kExhausted: return "exhausted";
    case Cause::kRateLimited: return "rate_limited";
    case Cause::kOverloaded: return "overloaded";
    case Cause::kServerError: return "server_error";
    case Cause::kRegion: return "region_refused";
    case Cause::kTimedOut: return "timed_out";
  }
  return "unknown";
}

std::string_view ToString(Fault fault) {
  switch (fault) {
    case Fault::kRequest: return "request";
    case Fault::kAccount: return "account";
    case Fault::kPath: return "path";
    case Fault::kGateway: return "gateway";
  }
  return "?";
}

std::string_view ToString(Effect effect) {
  switch (effect) {
    case Effect::kNone: return "none";
    case Effect::kThrottle: return "throttle";
    case Effect::kExhaust: return "exhaust";
    case Effect::kRefresh: return "refresh";
    case Effect::kBan: return "ban";
    case Effect::kSuspect: return "suspect";
    case Effect::kOverload: return "overload";
    case Effect::kModelUnsupported: return "model_unsupported";
  }
  return "?";
}

std::string_view ToString(Elsewhere elsewhere) {
  switch (elsewhere) {
    case Elsewhere::kNo: return "no";
    case Elsewhere::kOther: return "another account";
    case Elsewhere::kSameToo: return "any account";
    case Elsewhere::kUnsealed: return "the same account, without sealed reasoning";
  }
  return "?";
}

std::string_view ToString(Evidence evidence) {
  switch (evidence) {
    case Evidence::kWeak: return "weak";
    case Evidence::kStrong: return "strong";
  }
  return "?";
}

}  // namespace patchbay::accounts
