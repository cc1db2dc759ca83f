#include "workers/accounts/login/requests.h"

#include <algorithm>
#include <vector>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/catalog/words.h"
#include "lib/wire/url.h"

namespace patchbay::accounts {
namespace {

std::string Scopes(const catalog::v1::OAuth& oauth) {
  std::string scopes;
  for (const auto& scope : oauth.scopes()) scopes += (scopes.empty() ? "" : " ") + scope;
  return scopes;
}

}  // namespace

std::string PlaceOf(const catalog::v1::Provider& row, const std::string& place) {
  return place.starts_with('/') ? row.auth_base_url() + place : place;
}

std::string PkceChallenge(const Secret& verifier) { return Base64UrlEncode(Sha256(verifier.Reveal())); }

std::string NonceOf(const Secret& verifier) { return Base64UrlEncode(Sha256("nonce " + verifier.Reveal())); }

bool AsksWithNonce(const catalog::v1::OAuth& oauth) {
  return std::ranges::find(oauth.authorize_parameters(), catalog::kNonceWord) != oauth.authorize_parameters().end();
}

std::string RedirectUri(const catalog::v1::OAuth& oauth, int port) {
  return "http://" + oauth.redirect_host() + ":" + std::to_string(port) + oauth.redirect_path();
}

std::string AuthorizeUrl(const catalog::v1::Provider& row, const std::string& redirect_uri, const Secret& verifier,
                         const Secret& state) {
  const catalog::v1::OAuth& oauth = row.auth().oauth();
  const auto value_of = [&](std::string_view word) -> std::string {
    if (word == "response_type") return "code";
    if (word == "client_id") return oauth.client_id();
    if (word == "redirect_uri") return redirect_uri;
    if (word == "scope") return Scopes(oauth);
    if (word == "state") return state.Reveal();
    if (word == catalog::kNonceWord) return NonceOf(verifier);
    if (word == "code_challenge") return PkceChallenge(verifier);
    return word == "code_challenge_method" ? "S256" : "";
  };
  std::vector<std::string> parameters(oauth.authorize_parameters().begin(), oauth.authorize_parameters().end());
  if (parameters.empty()) parameters.assign(std::begin(catalog::kAuthorizeWords), std::end(catalog::kAuthorizeWords));
  std::string url = PlaceOf(row, oauth.authorize_url());
  char separator = '?';
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    const std::string value = equals == std::string::npos ? value_of(parameter) : parameter.substr(equals + 1);
    if (value.empty()) continue;
    url += separator + parameter.substr(0, equals) + "=" + wire::PercentEncode(value);
    separator = '&';
  }
  return url;
}

TokenRequest ExchangeRequest(const catalog::v1::OAuth& oauth, const Secret& code, const std::string& redirect_uri,
                             const Secret& verifier, const Secret& state) {
  return WriteTokenRequest(oauth.exchange_body(),
                           {{"grant_type", "authorization_code"},
                            {"code", code.Reveal()},
                            {"state", oauth.exchange_with_state() ? std::string_view(state.Reveal()) : ""},
                            {"redirect_uri", redirect_uri},
                            {"client_id", oauth.client_id()},
                            {"code_verifier", verifier.Reveal()}});
}

LoginEndpoint RefreshEndpoint(const catalog::v1::OAuth& oauth) {
  return oauth.session_url().empty() ? LoginEndpoint::kToken : LoginEndpoint::kSession;
}

TokenRequest RefreshRequest(const catalog::v1::OAuth& oauth, const Secret& refresh_token) {
  if (!oauth.session_url().empty()) {
    TokenRequest request;
    request.shown = Secret(oauth.session_scheme() + " " + refresh_token.Reveal());
    return request;
  }
  return WriteTokenRequest(
      oauth.refresh_body(),
      {{"client_id", oauth.client_id()}, {"grant_type", "refresh_token"}, {"refresh_token", refresh_token.Reveal()}});
}

TokenRequest RevokeRequest(const catalog::v1::OAuth& oauth, const Secret& refresh_token, const Secret& access_token) {
  const bool refresh = !refresh_token.empty();
  // Only a refresh token belongs to a client (codex-wire §14.5).
  return WriteTokenRequest(oauth.revoke_body(), {{"token", refresh ? refresh_token.Reveal() : access_token.Reveal()},
                                                 {"token_type_hint", refresh ? "refresh_token" : "access_token"},
                                                 {"client_id", refresh ? oauth.client_id() : ""}});
}

}  // namespace patchbay::accounts
