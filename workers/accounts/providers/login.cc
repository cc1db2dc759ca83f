#include "workers/accounts/providers/login.h"

namespace patchbay::accounts {

TokenClaims Combine(TokenClaims first, const TokenClaims& second) {
  if (!first.expires_at) first.expires_at = second.expires_at;
  if (first.provider_account_id.empty()) first.provider_account_id = second.provider_account_id;
  if (first.user_id.empty()) first.user_id = second.user_id;
  if (first.email.empty()) first.email = second.email;
  if (first.plan.empty()) first.plan = second.plan;
  first.fedramp = first.fedramp || second.fedramp;
  return first;
}

}  // namespace patchbay::accounts
