#include "workers/frontend/dialects/common/reply/error_head.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace patchbay::frontend {
namespace {

std::string HeaderOf(const Problem& problem, std::string_view name, RetryAfter how = RetryAfter::kTrue) {
  HeaderList headers;
  AppendRetryHeaders(problem, how, headers);
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? "" : found->second;
}

TEST(ErrorHead, KeepsAProvidersStatusOnlyWhereItBlamesTheRequest) {
  Problem problem(Problem::Kind::kBadRequest, "no");
  for (const auto& [status, shown] : {std::pair(0, 400), {404, 404}, {422, 422}, {401, 400}, {403, 400}, {502, 400}}) {
    problem.status = status;
    EXPECT_EQ(StatusFor(problem, 400), shown) << status;
  }
}

TEST(ErrorHead, SaysWhenToComeBackRoundedUpAndCappedWhereClientsSleepForIt) {
  Problem problem(Problem::Kind::kThrottled, "later");
  EXPECT_EQ(HeaderOf(problem, "retry-after"), "");
  EXPECT_EQ(HeaderOf(problem, "x-should-retry"), "true");
  problem.retry_after = std::chrono::milliseconds(1001);
  EXPECT_EQ(HeaderOf(problem, "retry-after"), "2");
  problem.retry_after = std::chrono::hours(5);
  EXPECT_EQ(HeaderOf(problem, "retry-after"), "18000");
  EXPECT_EQ(HeaderOf(problem, "retry-after", RetryAfter::kCapped), "60");
  EXPECT_EQ(HeaderOf(problem, "x-should-retry"), "false") << "an SDK does not sleep for it";
  EXPECT_EQ(HeaderOf(Problem(Problem::Kind::kBadRequest, "no"), "x-should-retry"), "false");
}

}  // namespace
}  // namespace patchbay::frontend
