#include "workers/frontend/dialects/common/reply/openai_error.h"

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/error_head.h"

namespace patchbay::frontend {
namespace {

using Kind = Problem::Kind;

constexpr const char* kInvalid = "invalid_request_error";
constexpr const char* kRateLimit = "rate_limit_error";
constexpr const char* kServer = "server_error";
constexpr const char* kBusy = "service_unavailable_error";

// The SDKs choose the exception's class by status, so the status is what must be right.
OpenAiError Row(Kind kind) {
  switch (kind) {
    case Kind::kBadRequest: return {400, kInvalid, "invalid_value"};
    case Kind::kUnsupported: return {400, kInvalid, "unsupported_parameter"};
    case Kind::kNoKey:
    case Kind::kBadKey: return {401, kInvalid, "invalid_api_key"};
    case Kind::kForbidden: return {403, "permission_error", "forbidden"};
    case Kind::kNotFound: return {404, kInvalid, "not_found"};
    case Kind::kMethodNotAllowed: return {405, kInvalid, "method_not_allowed"};
    case Kind::kUnknownModel: return {404, kInvalid, "model_not_found"};
    case Kind::kTooLarge: return {413, kInvalid, "request_too_large"};
    case Kind::kMediaType: return {415, kInvalid, "unsupported_media_type"};
    case Kind::kSlowClient: return {408, kInvalid, "request_timeout"};
    case Kind::kContextTooLong: return {400, kInvalid, "context_length_exceeded"};
    case Kind::kPolicy: return {400, kInvalid, "content_policy_violation"};
    case Kind::kThrottled: return {429, kRateLimit, "rate_limit_exceeded"};
    // The Codex CLI knows a used-up plan by this type and shows when it comes back (codex-wire §8.2).
    case Kind::kExhausted: return {429, "usage_limit_reached", "usage_limit_reached"};
    case Kind::kKeyLimit: return {429, kRateLimit, "rate_limit_exceeded"};
    case Kind::kKeyBudget: return {429, "insufficient_quota", "insufficient_quota"};
    case Kind::kNoAccount: return {503, kBusy, "no_account_available"};
    case Kind::kOverloaded: return {503, kBusy, "server_is_overloaded"};
    case Kind::kUnavailable: return {503, kServer, "gateway_unavailable"};
    case Kind::kProvider: return {502, kServer, "provider_error"};
    case Kind::kTimeout: return {504, kServer, "timeout"};
    case Kind::kInternal: return {500, kServer, "internal_error"};
  }
  return {500, kServer, "internal_error"};
}

void AppendOrNull(std::string_view key, std::string_view text, wire::JsonWriter& json) {
  json.Key(key);
  if (text.empty()) {
    json.Null();
  } else {
    json.String(text);
  }
}

}  // namespace

OpenAiError OpenAiErrorOf(const Problem& problem) {
  OpenAiError row = Row(problem.kind);
  if (!problem.code.empty()) row.code = problem.code;
  row.status = StatusFor(problem, row.status);
  return row;
}

void AppendOpenAiError(const Problem& problem, std::string& out) {
  const OpenAiError row = OpenAiErrorOf(problem);
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("message").String(problem.message);
  json.Key("type").String(row.type);
  AppendOrNull("param", problem.param, json);
  AppendOrNull("code", row.code, json);
  if (problem.kind == Kind::kExhausted || problem.kind == Kind::kKeyBudget) {
    if (problem.resets_at) json.Key("resets_at").Int(problem.resets_at->count());
    if (problem.retry_after) json.Key("resets_in_seconds").Int(RoundUp(*problem.retry_after).count());
  }
  json.EndObject();
}

Answer OpenAiErrorAnswer(const Problem& problem) {
  Answer answer;
  answer.status = OpenAiErrorOf(problem).status;
  answer.headers.emplace_back("content-type", "application/json");
  AppendRetryHeaders(problem, RetryAfter::kTrue, answer.headers);
  answer.body = R"({"error":)";
  AppendOpenAiError(problem, answer.body);
  answer.body.push_back('}');
  return answer;
}

}  // namespace patchbay::frontend
