#include "workers/frontend/dialects/gemini/error_encoder.h"

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/error_head.h"

namespace patchbay::frontend::gemini {
namespace {

using Kind = Problem::Kind;

constexpr std::string_view kInvalid = "INVALID_ARGUMENT";
constexpr std::string_view kExhausted = "RESOURCE_EXHAUSTED";
constexpr std::string_view kUnavailable = "UNAVAILABLE";
// The Gemini CLI gives up at once on this reason, and on a `retryDelay` of more than five minutes; after any other 429
// or 503 it keeps trying.
constexpr std::string_view kGiveUp = "MODEL_CAPACITY_EXHAUSTED";

ErrorRow Row(Kind kind) {
  switch (kind) {
    case Kind::kBadRequest: return {400, kInvalid, "INVALID_VALUE"};
    case Kind::kUnsupported: return {400, kInvalid, "UNSUPPORTED"};
    // Google says 403 without a key and 400 with a wrong one, never 401 (client-protocols E.8, G.2).
    case Kind::kNoKey: return {403, "PERMISSION_DENIED", "CREDENTIALS_MISSING"};
    case Kind::kBadKey: return {400, kInvalid, "API_KEY_INVALID"};
    case Kind::kForbidden: return {403, "PERMISSION_DENIED", "FORBIDDEN"};
    case Kind::kNotFound: return {404, "NOT_FOUND", "NOT_FOUND"};
    case Kind::kMethodNotAllowed: return {405, "UNIMPLEMENTED", "METHOD_NOT_ALLOWED"};
    case Kind::kUnknownModel: return {404, "NOT_FOUND", "MODEL_NOT_FOUND"};
    case Kind::kTooLarge: return {413, kInvalid, "REQUEST_TOO_LARGE"};
    case Kind::kMediaType: return {415, kInvalid, "UNSUPPORTED_MEDIA_TYPE"};
    case Kind::kSlowClient: return {408, "DEADLINE_EXCEEDED", "REQUEST_TIMEOUT"};
    case Kind::kContextTooLong: return {400, kInvalid, "CONTEXT_LENGTH_EXCEEDED"};
    case Kind::kPolicy: return {400, kInvalid, "PROHIBITED_CONTENT"};
    case Kind::kThrottled: return {429, kExhausted, "RATE_LIMIT_EXCEEDED"};
    case Kind::kExhausted: return {429, kExhausted, "QUOTA_EXHAUSTED"};
    case Kind::kKeyLimit: return {429, kExhausted, "RATE_LIMIT_EXCEEDED"};
    case Kind::kKeyBudget: return {429, kExhausted, "QUOTA_EXHAUSTED"};
    case Kind::kNoAccount: return {503, kUnavailable, kGiveUp};
    case Kind::kOverloaded: return {503, kUnavailable, "OVERLOADED"};
    case Kind::kUnavailable: return {503, kUnavailable, "GATEWAY_UNAVAILABLE"};
    case Kind::kProvider: return {502, kUnavailable, "PROVIDER_ERROR"};
    case Kind::kTimeout: return {504, "DEADLINE_EXCEEDED", "TIMEOUT"};
    case Kind::kInternal: return {500, "INTERNAL", "INTERNAL"};
  }
  return {500, "INTERNAL", "INTERNAL"};
}

// Google's own words, which clients look for, where it has some.
std::string MessageOf(const Problem& problem) {
  switch (problem.kind) {
    case Kind::kNoKey:
      return "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
             "other form of API consumer identity to call this API.";
    case Kind::kBadKey: return "API key not valid. Please pass a valid API key. (" + problem.message + ")";
    default: return problem.param.empty() ? problem.message : problem.param + ": " + problem.message;
  }
}

void AppendDetails(const Problem& problem, const ErrorRow& row, wire::JsonWriter& json) {
  json.Key("details").BeginArray();
  json.BeginObject().Key("@type").String("type.googleapis.com/google.rpc.ErrorInfo");
  json.Key("reason").String(row.reason).Key("domain").String("patchbay");
  if (problem.resets_at || !problem.code.empty()) {
    json.Key("metadata").BeginObject();
    if (!problem.code.empty()) json.Key("code").String(problem.code);
    if (problem.resets_at) json.Key("resetsAt").String(std::to_string(problem.resets_at->count()));
    json.EndObject();
  }
  json.EndObject();
  if (!problem.param.empty()) {
    json.BeginObject().Key("@type").String("type.googleapis.com/google.rpc.BadRequest");
    json.Key("fieldViolations").BeginArray().BeginObject().Key("field").String(problem.param);
    json.Key("description").String(problem.message).EndObject().EndArray().EndObject();
  }
  if (problem.retry_after) {
    json.BeginObject().Key("@type").String("type.googleapis.com/google.rpc.RetryInfo");
    json.Key("retryDelay").String(std::to_string(RoundUp(*problem.retry_after).count()) + "s").EndObject();
  }
  json.EndArray();
}

}  // namespace

ErrorRow ErrorRowOf(const Problem& problem) {
  ErrorRow row = Row(problem.kind);
  row.code = StatusFor(problem, row.code);
  // Nothing says when: without this the CLI would keep trying for minutes.
  if (row.status == kExhausted && !problem.retry_after && !ShouldRetry(problem)) row.reason = kGiveUp;
  return row;
}

void AppendError(const Problem& problem, std::string& out) {
  const ErrorRow row = ErrorRowOf(problem);
  wire::JsonWriter json(out);
  json.BeginObject().Key("error").BeginObject().Key("code").Int(row.code);
  json.Key("message").String(MessageOf(problem));
  json.Key("status").String(row.status);
  AppendDetails(problem, row, json);
  json.EndObject().EndObject();
}

Answer EncodeError(const Problem& problem) {
  Answer answer;
  answer.status = ErrorRowOf(problem).code;
  answer.headers.emplace_back("content-type", "application/json");
  AppendRetryHeaders(problem, RetryAfter::kTrue, answer.headers);
  AppendError(problem, answer.body);
  return answer;
}

}  // namespace patchbay::frontend::gemini
