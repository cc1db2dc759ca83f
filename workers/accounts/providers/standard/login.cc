#include "workers/accounts/providers/standard/login.h"

#include "workers/accounts/providers/json_web_token.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

std::string Scope(const catalog::v1::OAuth& oauth) {
  std::string scope;
  for (const auto& word : oauth.scopes()) scope += (scope.empty() ? "" : " ") + word;
  return scope;
}

}  // namespace

Result<TokenClaims> ReadStandardClaims(std::string_view token) {
  ASSIGN_OR_RETURN(const json document, ReadTokenPayload(token));
  TokenClaims claims;
  claims.expires_at = ExpiryOf(document);
  claims.issued_at = IssueOf(document);
  claims.provider_account_id = wire::TextOf(document, "sub");
  claims.user_id = claims.provider_account_id;
  claims.email = wire::TextOf(document, "email");
  return claims;
}

RefreshReply ReadStandardRefresh(int status, std::string_view body) {
  TokenReply read = ReadTokenReply(status, body);
  RefreshReply reply;
  reply.evidence = std::move(read.evidence);
  switch (read.kind) {
    case TokenReply::Kind::kTokens:
      reply.kind = RefreshReply::Kind::kTokens;
      reply.access = std::move(read.access);
      reply.refresh = std::move(read.refresh);
      reply.id = std::move(read.id);
      reply.expires_in = read.expires_in;
      break;
    case TokenReply::Kind::kRefused:
      // Any other refusal is about the request or the moment, and the token may live (RFC 6749 §5.2).
      if (read.code == "invalid_grant" || status == 401) {
        reply.kind = RefreshReply::Kind::kPermanent;
        reply.evidence += " (the provider does not accept the refresh token)";
      }
      break;
    case TokenReply::Kind::kTransient: break;
  }
  return reply;
}

TokenRequest AskStandardDevice(const catalog::v1::OAuth& oauth) {
  const std::string scope = Scope(oauth);
  return WriteTokenRequest("form", {{"client_id", oauth.client_id()}, {"scope", scope}});
}

DeviceReply ReadStandardDevice(int status, std::string_view body) {
  DeviceReply reply;
  const json document = wire::ParseOrNothing(body);
  const std::string refusal = RefusalCode(document);
  reply.evidence = "device endpoint: " + std::to_string(status) + (refusal.empty() ? "" : " " + refusal);
  if (status / 100 != 2 || !refusal.empty()) {
    const bool later = status >= 500 || status == 408 || status == 429;
    reply.kind = later ? DeviceReply::Kind::kTransient : DeviceReply::Kind::kRefused;
    return reply;
  }
  reply.code.secret = Secret(wire::TextOf(document, "device_code"));
  reply.code.user_code = wire::TextOf(document, "user_code");
  reply.code.page = wire::TextOf(document, "verification_uri_complete");
  if (reply.code.page.empty()) reply.code.page = wire::TextOf(document, "verification_uri");
  if (reply.code.page.empty()) reply.code.page = wire::TextOf(document, "verification_url");
  reply.code.interval = SecondsOf(document, "interval").value_or(reply.code.interval);
  reply.code.lives = SecondsOf(document, "expires_in").value_or(reply.code.lives);
  const bool whole = !reply.code.secret.empty() && !reply.code.user_code.empty();
  reply.kind = whole ? DeviceReply::Kind::kCode : DeviceReply::Kind::kTransient;
  if (!whole) reply.evidence += ", without a code";
  return reply;
}

TokenRequest PollStandardDevice(const catalog::v1::OAuth& oauth, const DeviceCode& code) {
  return WriteTokenRequest(
      "form", {{"grant_type", kDeviceGrant}, {"device_code", code.secret.Reveal()}, {"client_id", oauth.client_id()}});
}

// RFC 8628 §3.5.
DevicePoll ReadStandardPoll(int status, std::string_view body) {
  using Kind = DevicePoll::Kind;
  DevicePoll poll;
  poll.tokens = ReadTokenReply(status, body);
  poll.evidence = poll.tokens.evidence;
  const std::string& code = poll.tokens.code;
  if (poll.tokens.kind == TokenReply::Kind::kTokens) {
    poll.kind = Kind::kTokens;
  } else if (code == "authorization_pending") {
    poll.kind = Kind::kPending;
  } else if (code == "slow_down") {
    poll.kind = Kind::kSlowDown;
  } else if (code == "access_denied") {
    poll.kind = Kind::kDenied;
  } else if (code == "expired_token") {
    poll.kind = Kind::kExpired;
  } else {
    poll.kind = poll.tokens.kind == TokenReply::Kind::kRefused ? Kind::kRefused : Kind::kTransient;
  }
  return poll;
}

}  // namespace patchbay::accounts
