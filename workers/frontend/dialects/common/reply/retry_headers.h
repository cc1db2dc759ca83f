// `retry-after` and `x-should-retry`: what a well-behaved SDK does next (client-protocols A).
#pragma once

#include <chrono>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

// Whole seconds, so that nobody comes back too early.
std::chrono::seconds RoundUp(std::chrono::milliseconds delay);

// `x-should-retry` always; `retry-after` where it is known, never above kMaxRetryAfter.
void AppendRetryHeaders(const Problem& problem, HeaderList& headers);

}  // namespace patchbay::frontend
