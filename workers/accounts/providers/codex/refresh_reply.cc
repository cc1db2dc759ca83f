#include "workers/accounts/providers/codex/refresh_reply.h"

#include <algorithm>

#include "lib/base/text.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxCodeBytes = 64;

// From `error.code`, from `error` when that is a string, or from the top level. Only what looks like a code: the
// answer's free text could echo anything.
std::string CodeOf(const json& document) {
  const json& error = wire::Member(document, "error");
  std::string code = error.is_string() ? wire::TextOf(error) : wire::TextOf(error, "code");
  if (code.empty()) code = wire::TextOf(document, "code");
  const bool plain = std::all_of(code.begin(), code.end(),
                                 [](char c) { return IsLetterOrDigit(c) || c == '_' || c == '-' || c == '.'; });
  return plain && code.size() <= kMaxCodeBytes ? code : std::string();
}

std::string_view Meaning(std::string_view code) {
  if (code == "refresh_token_reused") return "the refresh token was already used by another program";
  if (code == "refresh_token_expired") return "the refresh token has expired";
  if (code == "refresh_token_invalidated") return "the refresh token was revoked";
  return "the provider does not accept the refresh token";
}

}  // namespace

Secret RefreshRequestBody(const Secret& refresh_token, std::string_view client_id) {
  const json body = {
      {"client_id", client_id}, {"grant_type", "refresh_token"}, {"refresh_token", refresh_token.Reveal()}};
  return Secret(wire::Written(body));
}

RefreshReply ReadRefreshReply(int status, std::string_view body) {
  RefreshReply reply;
  const json document = wire::ParseOrNothing(body);
  if (status >= 200 && status < 300) {
    reply.access = Secret(wire::TextOf(document, "access_token"));
    reply.refresh = Secret(wire::TextOf(document, "refresh_token"));
    reply.id = Secret(wire::TextOf(document, "id_token"));
    if (const json& expiry = wire::Member(document, "expires_in"); expiry.is_number_integer()) {
      const auto seconds = expiry.get<std::int64_t>();
      if (seconds > 0 && seconds < 10LL * 365 * 86400) reply.expires_in = std::chrono::seconds(seconds);
    }
    const bool something = !reply.access.empty() || !reply.refresh.empty();
    reply.kind = something ? RefreshReply::Kind::kTokens : RefreshReply::Kind::kTransient;
    reply.evidence = something ? "refreshed" : "the token endpoint's answer held no token";
    return reply;
  }
  const std::string code = CodeOf(document);
  reply.evidence = "token endpoint: " + std::to_string(status) + (code.empty() ? "" : " " + code);
  reply.spent = code == "refresh_token_reused";
  const bool dead = status == 401 || code == "refresh_token_expired" || reply.spent ||
                    code == "refresh_token_invalidated" || (status == 400 && code == "invalid_grant");
  if (dead) {
    reply.kind = RefreshReply::Kind::kPermanent;
    reply.evidence += " (" + std::string(Meaning(code)) + ")";
  }
  return reply;
}

}  // namespace patchbay::accounts
