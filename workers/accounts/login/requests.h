// What a login asks its provider for, and where it sends the person, as the provider's row has it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "patchbay/catalog/v1/provider.pb.h"
#include "workers/accounts/providers/token_request.h"

namespace patchbay::accounts {

// A place of the row (OAuth): a path below auth_base_url, or a whole URL.
std::string PlaceOf(const catalog::v1::Provider& row, const std::string& place);

// base64url(SHA-256(verifier)) (RFC 7636 §4.2).
std::string PkceChallenge(const Secret& verifier);
// What the provider's id token must repeat: of the verifier, so that only this login has it, and a restart knows it too
// (OpenID Connect Core §15.5.2).
std::string NonceOf(const Secret& verifier);
// Whether the row's page is asked with a nonce.
bool AsksWithNonce(const catalog::v1::OAuth& oauth);
// Where the page sends the browser back to: http://localhost:1455/auth/callback.
std::string RedirectUri(const catalog::v1::OAuth& oauth, int port);
// The page itself, for a person.
std::string AuthorizeUrl(const catalog::v1::Provider& row, const std::string& redirect_uri, const Secret& verifier,
                         const Secret& state);

TokenRequest ExchangeRequest(const catalog::v1::OAuth& oauth, const Secret& code, const std::string& redirect_uri,
                             const Secret& verifier, const Secret& state);
// How a login's tokens are renewed, and where.
LoginEndpoint RefreshEndpoint(const catalog::v1::OAuth& oauth);
TokenRequest RefreshRequest(const catalog::v1::OAuth& oauth, const Secret& refresh_token);
// Of a refresh token, or where there is none of an access token (RFC 7009 §2.1).
TokenRequest RevokeRequest(const catalog::v1::OAuth& oauth, const Secret& refresh_token, const Secret& access_token);

}  // namespace patchbay::accounts
