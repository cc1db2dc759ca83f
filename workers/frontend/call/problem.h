// What went wrong with a request, in words that every dialect can translate.
//
// Errors of ours, failures of a provider and denials of accounts all become a Problem; each dialect
// then has one table from Kind to its own status, type and code. So a dialect never reads a
// provider's error format and the engine never writes a client's.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "patchbay/inference/v1/failure.pb.h"

namespace patchbay::frontend {

struct Problem {
  enum class Kind {
    kBadRequest,   // the request is malformed or asks for what cannot be
    kUnsupported,  // a well-formed wish that this gateway does not fulfil
    kNoKey,        // no client key
    kBadKey,       // not one of ours
    kForbidden,    // Host or Origin not allowed, or the key may not do this
    kNotFound,     // no such path or object
    kMethodNotAllowed,
    kUnknownModel,
    kTooLarge,        // the body is over its bound
    kMediaType,       // a content encoding or type we do not read
    kSlowClient,      // the body did not arrive in time
    kContextTooLong,  // more tokens than the model takes
    kPolicy,          // refused by the provider's policy
    kThrottled,       // come back in seconds
    kExhausted,       // every usable account waits for its window
    kKeyLimit,        // the client key is over its limits of this minute
    kKeyBudget,       // its budget is used up
    kNoAccount,       // none configured, or a human must act first
    kOverloaded,      // our queue or the provider is full
    kUnavailable,     // a process of ours is away
    kProvider,        // the provider, or the way to it, broke
    kTimeout,
    kInternal,  // our bug
  };

  Kind kind = Kind::kInternal;
  std::string message;     // for the client; never holds a secret
  std::string param;       // JSON pointer or the provider's own path; empty for none
  std::string code;        // the provider's own code, where it had one
  int status = 0;          // the provider's own status for a fault of the request; 0 for the table's
  std::string request_id;  // of the client's request, where it is known by now
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<std::chrono::seconds> resets_at;  // since the epoch
  // The provider's error body and the client dialect whose shape it has (empty: none's); only for faults of the
  // request.
  std::string provider_body;
  std::string body_dialect;

  Problem() = default;
  Problem(Kind what, std::string text) : kind(what), message(std::move(text)) {}
};

// "exhausted", … for logs.
std::string_view ToString(Problem::Kind kind);

Problem ProblemOf(const Error& error);
// Looks only at the facts: whose fault it is was decided by accounts before this is shown.
Problem ProblemOf(const inference::v1::Failure& failure);

// How long a well-behaved SDK may be told to wait inside a call (client-protocols A): the OpenAI
// SDKs ignore more, the Anthropic SDK would really sleep for hours.
inline constexpr std::chrono::seconds kMaxRetryAfter{60};

// Whether trying the same request again soon can help; becomes `x-should-retry`.
bool ShouldRetry(const Problem& problem);

}  // namespace patchbay::frontend
