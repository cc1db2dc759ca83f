#include "workers/frontend/dialects/anthropic/quota_headers.h"

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace patchbay::frontend::anthropic {
namespace {

// client-protocols §D.1.
constexpr std::string_view kPrefix = "anthropic-ratelimit-unified-";

struct Claim {
  std::int64_t seconds;
  std::string_view header;  // "5h" of anthropic-ratelimit-unified-5h-utilization
  std::string_view name;    // of the representative one
};
constexpr std::array<Claim, 2> kClaims = {Claim{5 * 3600, "5h", "five_hour"}, Claim{7 * 24 * 3600, "7d", "seven_day"}};

// A share of one, with four decimals: 0.42 is 42 percent.
std::string ShareText(double percent) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", std::clamp(percent, 0.0, 100.0) / 100);
  return text;
}

const QuotaSpan* SpanOf(const accounts::v1::PoolQuota& pool, std::int64_t seconds) {
  for (const QuotaSpan& span : pool.windows()) {
    if (IsOf(span, "") && span.length().seconds() == seconds) return &span;
  }
  return nullptr;
}

}  // namespace

HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now) {
  HeaderList headers;
  const Claim* tightest = nullptr;
  double most = -1;
  std::optional<std::int64_t> its_reset;
  for (const Claim& claim : kClaims) {
    const QuotaSpan* span = SpanOf(pool, claim.seconds);
    if (span == nullptr) continue;
    const std::string prefix = std::string(kPrefix) + std::string(claim.header);
    const auto reset = ResetOf(*span, now);
    headers.emplace_back(prefix + "-status", !pool.has_room() && span->used_percent() >= 100 ? "rejected" : "allowed");
    headers.emplace_back(prefix + "-utilization", ShareText(span->used_percent()));
    if (reset) headers.emplace_back(prefix + "-reset", std::to_string(*reset));
    if (span->used_percent() <= most) continue;
    tightest = &claim;
    most = span->used_percent();
    its_reset = reset;
  }
  if (tightest == nullptr) return headers;
  headers.emplace_back(std::string(kPrefix) + "status", pool.has_room() ? "allowed" : "rejected");
  headers.emplace_back(std::string(kPrefix) + "representative-claim", tightest->name);
  if (pool.has_back_at()) its_reset = pool.back_at().seconds();
  if (its_reset) headers.emplace_back(std::string(kPrefix) + "reset", std::to_string(*its_reset));
  return headers;
}

}  // namespace patchbay::frontend::anthropic
