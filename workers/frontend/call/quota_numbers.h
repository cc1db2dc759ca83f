// A pool's quota in the numbers that clients read. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/accounts/v1/quota.pb.h"

namespace patchbay::frontend {

using QuotaSpan = inference::v1::RateLimitWindow;

// Percent as clients count them: whole, and never more than is used.
inline std::int64_t WholePercent(double used) {
  return static_cast<std::int64_t>(std::floor(std::clamp(used, 0.0, 100.0)));
}

// When a span resets, in seconds since the epoch. One that has not begun ends a whole length from now; nothing: nobody
// has told.
inline std::optional<std::int64_t> ResetOf(const QuotaSpan& span, std::int64_t now) {
  if (span.has_resets_at()) return span.resets_at().seconds();
  if (span.used_percent() == 0 && span.length().seconds() > 0) return now + span.length().seconds();
  return std::nullopt;
}

inline bool IsOf(const QuotaSpan& span, std::string_view limit) {
  const bool general = span.name().empty() || span.name() == "primary" || span.name() == "secondary";
  return limit.empty() ? general : span.name() == limit;
}

// Of a limit, the account's own where it has no name, those of known length: the shortest, and the longest where there
// are several. Others are null.
struct TwoSpans {
  const QuotaSpan* first = nullptr;
  const QuotaSpan* second = nullptr;
};
inline TwoSpans SpansOf(const accounts::v1::PoolQuota& pool, std::string_view limit) {
  std::vector<const QuotaSpan*> spans;
  for (const QuotaSpan& span : pool.windows()) {
    if (IsOf(span, limit) && span.length().seconds() > 0) spans.push_back(&span);
  }
  std::sort(spans.begin(), spans.end(),
            [](const auto* a, const auto* b) { return a->length().seconds() < b->length().seconds(); });
  TwoSpans two;
  if (!spans.empty()) two.first = spans.front();
  if (spans.size() > 1) two.second = spans.back();
  return two;
}

// The extra limits that it has windows of.
inline std::vector<std::string> ExtraLimitsOf(const accounts::v1::PoolQuota& pool) {
  std::vector<std::string> limits;
  for (const QuotaSpan& span : pool.windows()) {
    if (IsOf(span, "") || span.length().seconds() == 0) continue;
    if (std::find(limits.begin(), limits.end(), span.name()) == limits.end()) limits.push_back(span.name());
  }
  return limits;
}

// Whether a limit is used up: of an extra one all that its windows say, of the account what is known of it.
inline bool IsSpent(const accounts::v1::PoolQuota& pool, std::string_view limit) {
  if (limit.empty()) return !pool.has_room();
  return std::any_of(pool.windows().begin(), pool.windows().end(),
                     [&](const QuotaSpan& span) { return IsOf(span, limit) && span.used_percent() >= 100; });
}

// Nothing that a client could be told.
inline bool SaysNothing(const accounts::v1::PoolQuota& pool) {
  return pool.windows().empty() && !pool.has_credits() && pool.plan().empty();
}

// Whether anybody has told how the accounts stand: a window, or that they are used up.
inline bool KnowsLimit(const accounts::v1::PoolQuota& pool) {
  return !SaysNothing(pool) && (!pool.has_room() || SpansOf(pool, "").first != nullptr);
}

}  // namespace patchbay::frontend
