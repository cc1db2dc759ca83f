#include "workers/accounts/providers/codex/refresh_reply.h"

#include "workers/accounts/providers/token_reply.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

std::string_view Meaning(std::string_view code) {
  if (code == "refresh_token_reused") return "the refresh token was already used by another program";
  if (code == "refresh_token_expired") return "the refresh token has expired";
  if (code == "refresh_token_invalidated") return "the refresh token was revoked";
  return "the provider does not accept the refresh token";
}

}  // namespace

RefreshReply ReadRefreshReply(int status, std::string_view body) {
  RefreshReply reply;
  const json document = wire::ParseOrNothing(body);
  if (status >= 200 && status < 300) {
    reply.access = Secret(wire::TextOf(document, "access_token"));
    reply.refresh = Secret(wire::TextOf(document, "refresh_token"));
    reply.id = Secret(wire::TextOf(document, "id_token"));
    reply.expires_in = SecondsOf(document, "expires_in");
    const bool something = !reply.access.empty() || !reply.refresh.empty();
    reply.kind = something ? RefreshReply::Kind::kTokens : RefreshReply::Kind::kTransient;
    reply.evidence = something ? "refreshed" : "the token endpoint's answer held no token";
    return reply;
  }
  const std::string code = RefusalCode(document);
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
