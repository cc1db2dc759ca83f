#include "workers/accounts/providers/login.h"

namespace patchbay::accounts {
namespace {

// A token that was issued longer ago, or later than now, tells that our clock is wrong.
constexpr std::chrono::minutes kClockIsRight{5};

}  // namespace

TokenClaims Combine(TokenClaims first, const TokenClaims& second) {
  if (!first.expires_at) first.expires_at = second.expires_at;
  if (!first.issued_at) first.issued_at = second.issued_at;
  if (first.provider_account_id.empty()) first.provider_account_id = second.provider_account_id;
  if (first.user_id.empty()) first.user_id = second.user_id;
  if (first.email.empty()) first.email = second.email;
  if (first.plan.empty()) first.plan = second.plan;
  first.fedramp = first.fedramp || second.fedramp;
  return first;
}

std::optional<WallTime> ExpiryOfNew(const TokenClaims& claims, std::optional<std::chrono::seconds> expires_in,
                                    WallTime now) {
  if (claims.expires_at && claims.issued_at && *claims.expires_at > *claims.issued_at) {
    const auto off = now > *claims.issued_at ? now - *claims.issued_at : *claims.issued_at - now;
    return off <= kClockIsRight ? *claims.expires_at : now + (*claims.expires_at - *claims.issued_at);
  }
  if (expires_in) return now + *expires_in;
  return claims.expires_at && *claims.expires_at > now ? claims.expires_at : std::nullopt;
}

}  // namespace patchbay::accounts
