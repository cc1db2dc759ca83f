#include "workers/frontend/dialects/common/reply/retry_headers.h"

#include <algorithm>

namespace patchbay::frontend {

std::chrono::seconds RoundUp(std::chrono::milliseconds delay) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(delay, std::chrono::milliseconds(0)));
}

void AppendRetryHeaders(const Problem& problem, HeaderList& headers) {
  headers.emplace_back("x-should-retry", ShouldRetry(problem) ? "true" : "false");
  if (!problem.retry_after) return;
  const auto seconds = std::min(RoundUp(*problem.retry_after), kMaxRetryAfter);
  headers.emplace_back("retry-after", std::to_string(seconds.count()));
}

}  // namespace patchbay::frontend
