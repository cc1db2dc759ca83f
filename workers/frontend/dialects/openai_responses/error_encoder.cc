#include "workers/frontend/dialects/openai_responses/error_encoder.h"

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend::openai_responses {
namespace {

using Kind = Problem::Kind;

// What the Codex CLI treats as final, as overload or as worth a retry.
std::string_view CodeFor(Kind kind) {
  switch (kind) {
    case Kind::kContextTooLong: return "context_length_exceeded";
    case Kind::kThrottled:
    case Kind::kKeyLimit: return "rate_limit_exceeded";
    case Kind::kExhausted:
    case Kind::kKeyBudget: return "insufficient_quota";
    case Kind::kOverloaded: return "server_is_overloaded";
    case Kind::kPolicy:
    case Kind::kBadRequest:
    case Kind::kUnsupported:
    case Kind::kUnknownModel:
    case Kind::kTooLarge: return "invalid_prompt";
    case Kind::kNoKey:
    case Kind::kBadKey:
    case Kind::kForbidden:
    case Kind::kNotFound:
    case Kind::kMethodNotAllowed:
    case Kind::kMediaType:
    case Kind::kSlowClient:
    case Kind::kNoAccount:
    case Kind::kUnavailable:
    case Kind::kProvider:
    case Kind::kTimeout:
    case Kind::kInternal: return "server_error";
  }
  return "server_error";
}

// The policies that the Codex CLI tells its user by their own name.
bool IsKnownPolicy(std::string_view code) {
  return code == "cyber_policy" || code == "bio_policy" || code == "misalignment_policy_violation";
}

}  // namespace

Answer EncodeError(const Problem& problem) {
  // The code and param by which clients know that they must send the whole conversation (client-protocols C.1).
  if (problem.kind == Kind::kNotFound && problem.param == "/previous_response_id") {
    Problem known = problem;
    known.kind = Kind::kBadRequest;
    known.code = "previous_response_not_found";
    known.param = "previous_response_id";
    return EncodeError(known);
  }
  // Of every other 429 the Codex CLI says only that it gave up; of this type it says until when (codex-wire §8.2).
  if (problem.kind == Kind::kKeyBudget) {
    Problem known = problem;
    known.kind = Kind::kExhausted;
    known.code = "insufficient_quota";
    return EncodeError(known);
  }
  Answer answer = OpenAiErrorAnswer(problem);
  if (problem.body_dialect == "openai_responses") answer.body = problem.provider_body;
  return answer;
}

std::string ResponseErrorJson(const Problem& problem) {
  const bool own = problem.kind == Kind::kPolicy && IsKnownPolicy(problem.code);
  std::string out;
  wire::JsonWriter(out)
      .BeginObject()
      .Key("code")
      .String(own ? std::string_view(problem.code) : CodeFor(problem.kind))
      .Key("message")
      .String(problem.message)
      .EndObject();
  return out;
}

}  // namespace patchbay::frontend::openai_responses
