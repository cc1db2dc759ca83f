// What the head of an error says in every dialect: its status, and by `retry-after` and `x-should-retry` what a
// well-behaved SDK does next (client-protocols A).
#pragma once

#include <chrono>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// The provider's own status where it blames the request, else the dialect's: what else a provider says is not the
// client's business, and 401 and 403 are about our credential, not the client's.
int StatusFor(const Problem& problem, int dialects_own);

// Whole seconds, so that nobody comes back too early.
std::chrono::seconds RoundUp(std::chrono::milliseconds delay);

// How `retry-after` is told to clients of a dialect.
enum class RetryAfter {
  kTrue,    // when it makes sense; `x-should-retry: false` keeps SDKs from sleeping for hours
  kCapped,  // never above kMaxRetryAfter: its clients were seen to sleep for as long as it says
};

// `x-should-retry` always; `retry-after` where it is known.
void AppendRetryHeaders(const Problem& problem, RetryAfter how, HeaderList& headers);

}  // namespace patchbay::frontend
