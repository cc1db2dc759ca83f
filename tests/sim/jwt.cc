#include "tests/sim/jwt.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/encoding.h"
#include "lib/base/random.h"

namespace patchbay::sim {
namespace {

namespace json = boost::json;

constexpr std::size_t kSignatureBytes = 256;  // of RS256 with a 2048-bit key

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

json::object CommonClaims(const Claims& claims) {
  json::object profile{{"email", Text(claims.email)}, {"email_verified", true}};
  json::object organization{{"id", "org-sim"}, {"is_default", true}, {"role", "owner"}, {"title", "Personal"}};
  json::object auth{
      {"chatgpt_plan_type", Text(claims.plan)},
      {"chatgpt_user_id", Text(claims.user_id)},
      {"user_id", Text(claims.user_id)},
      {"chatgpt_account_id", Text(claims.account_id)},
      {"chatgpt_account_user_id", Text(std::string(claims.user_id) + "__" + std::string(claims.account_id))},
      {"chatgpt_account_is_fedramp", false},
      {"organizations", json::array{organization}},
      {"organization_id", "org-sim"},
      {"project_id", "proj_sim"},
      {"completed_platform_onboarding", true},
      {"is_org_owner", true},
      {"groups", json::array{}}};
  return json::object{{"iss", "https://auth.openai.com"},
                      {"sub", Text("auth0|" + std::string(claims.user_id))},
                      {"iat", claims.issued_at},
                      {"exp", claims.expires_at},
                      {"jti", Text(RandomId("", 80))},
                      {"https://api.openai.com/profile", profile},
                      {"https://api.openai.com/auth", auth}};
}

std::string Encode(const json::object& payload) {
  return Base64UrlEncode(R"({"alg":"RS256","typ":"JWT","kid":"sim"})") + "." +
         Base64UrlEncode(json::serialize(payload)) + "." + Base64UrlEncode(RandomBytes(kSignatureBytes));
}

}  // namespace

std::string MakeAccessToken(const Claims& claims) {
  json::object payload = CommonClaims(claims);
  payload["aud"] = json::array{"https://api.openai.com/v1"};
  payload["client_id"] = Text(kClientId);
  payload["scp"] = json::array{"openid", "profile", "email", "offline_access"};
  return Encode(payload);
}

std::string MakeIdToken(const Claims& claims) {
  json::object payload = CommonClaims(claims);
  payload["aud"] = json::array{Text(kClientId)};
  payload["email"] = Text(claims.email);
  payload["email_verified"] = true;
  return Encode(payload);
}

}  // namespace patchbay::sim
