#include "workers/accounts/providers/codex/jwt.h"

#include "workers/accounts/providers/json_web_token.h"

namespace patchbay::accounts {

using nlohmann::json;

Result<TokenClaims> ReadClaims(std::string_view token) {
  ASSIGN_OR_RETURN(const json document, ReadTokenPayload(token));
  const json& auth = wire::Member(document, "https://api.openai.com/auth");
  const json& profile = wire::Member(document, "https://api.openai.com/profile");
  TokenClaims claims;
  claims.expires_at = ExpiryOf(document);
  claims.issued_at = IssueOf(document);
  claims.provider_account_id = wire::TextOf(auth, "chatgpt_account_id");
  claims.user_id = wire::TextOf(auth, "chatgpt_user_id");
  if (claims.user_id.empty()) claims.user_id = wire::TextOf(auth, "user_id");
  claims.plan = wire::TextOf(auth, "chatgpt_plan_type");
  claims.email = wire::TextOf(document, "email");
  if (claims.email.empty()) claims.email = wire::TextOf(profile, "email");
  claims.fedramp = wire::BoolOf(wire::Member(auth, "chatgpt_account_is_fedramp")).value_or(false);
  return claims;
}

}  // namespace patchbay::accounts
