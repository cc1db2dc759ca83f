#include "workers/frontend/dialects/common/reply/error_head.h"

#include <algorithm>

namespace patchbay::frontend {

int StatusFor(const Problem& problem, int dialects_own) {
  const bool about_the_request = problem.status >= 400 && problem.status < 500;
  const bool about_a_credential = problem.status == 401 || problem.status == 403;
  return about_the_request && !about_a_credential ? problem.status : dialects_own;
}

std::chrono::seconds RoundUp(std::chrono::milliseconds delay) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(delay, std::chrono::milliseconds(0)));
}

void AppendRetryHeaders(const Problem& problem, RetryAfter how, HeaderList& headers) {
  headers.emplace_back("x-should-retry", ShouldRetry(problem) ? "true" : "false");
  if (!problem.retry_after) return;
  const auto told = RoundUp(*problem.retry_after);
  const auto seconds = how == RetryAfter::kCapped ? std::min(told, kMaxRetryAfter) : told;
  headers.emplace_back("retry-after", std::to_string(seconds.count()));
}

}  // namespace patchbay::frontend
