#include "workers/accounts/providers/codex/jwt.h"

#include <nlohmann/json.hpp>

#include "lib/base/encoding.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTokenBytes = 64 * 1024;
constexpr std::int64_t kLatestSeconds = 253402300799;  // the end of the year 9999

const json& Member(const json& object, const char* key) {
  static const json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string Text(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

}  // namespace

Result<TokenClaims> ReadClaims(std::string_view token) {
  const Error no_token(ErrorCode::kInvalidArgument, "not a JSON web token");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kMaxTokenBytes || second == std::string_view::npos) return no_token;
  const auto payload = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  if (!payload.ok()) return no_token;
  const json document = json::parse(*payload, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return no_token;

  const json& auth = Member(document, "https://api.openai.com/auth");
  const json& profile = Member(document, "https://api.openai.com/profile");
  TokenClaims claims;
  if (const json& exp = Member(document, "exp"); exp.is_number()) {
    const double seconds = exp.get<double>();
    if (seconds > 0 && seconds < static_cast<double>(kLatestSeconds)) {
      claims.expires_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
    }
  }
  claims.provider_account_id = Text(Member(auth, "chatgpt_account_id"));
  claims.user_id = Text(Member(auth, "chatgpt_user_id"));
  if (claims.user_id.empty()) claims.user_id = Text(Member(auth, "user_id"));
  claims.plan = Text(Member(auth, "chatgpt_plan_type"));
  claims.email = Text(Member(document, "email"));
  if (claims.email.empty()) claims.email = Text(Member(profile, "email"));
  const json& fedramp = Member(auth, "chatgpt_account_is_fedramp");
  claims.fedramp = fedramp.is_boolean() && fedramp.get<bool>();
  return claims;
}

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
