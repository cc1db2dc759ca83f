#include "workers/accounts/providers/codex/jwt.h"

#include "lib/base/encoding.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTokenBytes = 64 * 1024;
constexpr std::int64_t kLatestSeconds = 253402300799;  // the end of the year 9999

}  // namespace

Result<TokenClaims> ReadClaims(std::string_view token) {
  const Error no_token(ErrorCode::kInvalidArgument, "not a JSON web token");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kMaxTokenBytes || second == std::string_view::npos) return no_token;
  const auto payload = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  if (!payload.ok()) return no_token;
  const json document = wire::ParseOrNothing(*payload);
  if (!document.is_object()) return no_token;

  const json& auth = wire::Member(document, "https://api.openai.com/auth");
  const json& profile = wire::Member(document, "https://api.openai.com/profile");
  TokenClaims claims;
  const double expiry = wire::NumberOf(wire::Member(document, "exp")).value_or(0);
  if (expiry > 0 && expiry < static_cast<double>(kLatestSeconds)) {
    claims.expires_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(expiry)));
  }
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
