#include "workers/frontend/dialects/anthropic/error_encoder.h"

#include "lib/time/http_date.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/error_head.h"

namespace patchbay::frontend::anthropic {
namespace {

using Kind = Problem::Kind;

struct Row {
  int status;
  std::string_view type;
};

constexpr std::string_view kInvalid = "invalid_request_error";
constexpr std::string_view kApi = "api_error";

// The SDKs choose the exception's class by status, the Claude clients show the type.
Row RowOf(Kind kind) {
  switch (kind) {
    case Kind::kBadRequest: return {400, kInvalid};
    case Kind::kUnsupported: return {400, kInvalid};
    case Kind::kNoKey:
    case Kind::kBadKey: return {401, "authentication_error"};
    case Kind::kForbidden: return {403, "permission_error"};
    case Kind::kNotFound: return {404, "not_found_error"};
    case Kind::kMethodNotAllowed: return {405, kInvalid};
    case Kind::kUnknownModel: return {404, "not_found_error"};
    case Kind::kTooLarge: return {413, "request_too_large"};
    case Kind::kMediaType: return {415, kInvalid};
    case Kind::kSlowClient: return {408, "timeout_error"};
    case Kind::kContextTooLong: return {400, kInvalid};
    // Claude Code sends a 400 that it does not know five more times, with less of the request each (real-clients §7.2).
    case Kind::kPolicy: return {403, "permission_error"};
    case Kind::kThrottled: return {429, "rate_limit_error"};
    case Kind::kExhausted: return {429, "rate_limit_error"};
    case Kind::kKeyLimit: return {429, "rate_limit_error"};
    case Kind::kKeyBudget: return {429, "rate_limit_error"};
    case Kind::kNoAccount: return {503, kApi};
    case Kind::kOverloaded: return {529, "overloaded_error"};
    case Kind::kUnavailable: return {503, kApi};
    case Kind::kProvider: return {502, kApi};
    case Kind::kTimeout: return {504, "timeout_error"};
    case Kind::kInternal: return {500, kApi};
  }
  return {500, kApi};
}

// Until a window or a budget begins anew: Claude Code tells its user when, and does not try before.
bool IsUsedUp(Kind kind) { return kind == Kind::kExhausted || kind == Kind::kKeyBudget; }

// Claude Code compacts the conversation when it reads these words.
constexpr std::string_view kTooLong = "prompt is too long";

std::string MessageOf(const Problem& problem) {
  std::string message;
  if (problem.kind == Kind::kContextTooLong && problem.message.find(kTooLong) == std::string::npos) {
    message.append(kTooLong).append(": ");
  }
  if (!problem.param.empty()) message.append(problem.param).append(": ");
  message.append(problem.message);
  // The SDK shows nothing but the message, and Claude Code neither.
  if (IsUsedUp(problem.kind) && problem.resets_at) {
    message.append(" (it resets at ").append(FormatHttpDate(WallTime(*problem.resets_at))).append(")");
  }
  return message;
}

}  // namespace

void AppendError(const Problem& problem, std::string& out) {
  wire::JsonWriter json(out);
  json.BeginObject().Key("type").String("error").Key("error").BeginObject();
  json.Key("type").String(RowOf(problem.kind).type).Key("message").String(MessageOf(problem));
  if (problem.kind == Kind::kUnsupported && problem.param == kThreadField) {
    json.Key("details").BeginObject().Key("error_code").String("thread_unsupported_request");
    json.Key("unsupported").BeginArray().String("thread").EndArray().EndObject();
  } else if (problem.kind == Kind::kUnsupported && problem.param.ends_with(kReferenceField)) {
    json.Key("details").BeginObject().Key("error_code").String("tool_reference_unresolved").EndObject();
  }
  json.EndObject();
  json.Key("request_id");
  if (problem.request_id.empty()) {
    json.Null();
  } else {
    json.String(problem.request_id);
  }
  json.EndObject();
}

Answer EncodeError(const Problem& problem) {
  Answer answer;
  answer.status = RowOf(problem.kind).status;
  answer.headers.emplace_back("content-type", "application/json");
  AppendRetryHeaders(problem, RetryAfter::kCapped, answer.headers);
  if (IsUsedUp(problem.kind)) {
    answer.headers.emplace_back("anthropic-ratelimit-unified-status", "rejected");
    if (problem.resets_at) {
      answer.headers.emplace_back("anthropic-ratelimit-unified-reset", std::to_string(problem.resets_at->count()));
    }
  }
  AppendError(problem, answer.body);
  return answer;
}

}  // namespace patchbay::frontend::anthropic
