#include "workers/accounts/login/requests.h"

#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/providers/rows.h"

namespace patchbay::accounts {
namespace {

const catalog::v1::Provider& ShippedRow() { return CatalogProviders().Find("codex")->row; }
const catalog::v1::OAuth& ShippedOAuth() { return ShippedRow().auth().oauth(); }

// RFC 7636, appendix B.
TEST(Pkce, ChallengesAsTheStandardsExample) {
  EXPECT_EQ(PkceChallenge(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(RedirectUri, IsAPortOfThePersonsOwnMachine) {
  EXPECT_EQ(RedirectUri(ShippedOAuth(), 1457), "http://localhost:1457/auth/callback");
}

// codex-wire §14.1, in its order.
TEST(AuthorizeUrl, AsksWhatTheRowSaysInItsOrder) {
  const Secret verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  EXPECT_EQ(AuthorizeUrl(ShippedRow(), RedirectUri(ShippedOAuth(), 1455), verifier, Secret("st")),
            "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_EMoamEEZ73f0CkXaXp7hrann"
            "&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback"
            "&scope=openid%20profile%20email%20offline_access%20api.connectors.read%20api.connectors.invoke"
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
            "&id_token_add_organizations=true&codex_cli_simplified_flow=true&state=st&originator=codex_cli_rs");
}

TEST(AuthorizeUrl, IsWhereTheRowSaysAndPlainWithoutMore) {
  catalog::v1::Provider row;
  row.set_auth_base_url("https://api.example");
  auto& oauth = *row.mutable_auth()->mutable_oauth();
  oauth.set_authorize_url("https://login.example/authorize");
  oauth.set_client_id("me");
  EXPECT_EQ(
      AuthorizeUrl(row, "http://localhost:1/cb", Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Secret("s")),
      "https://login.example/authorize?response_type=code&client_id=me&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fcb"
      "&state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
}

TEST(ExchangeRequest, IsTheFormOfTheShippedRow) {
  const TokenRequest request = ExchangeRequest(ShippedOAuth(), Secret("ac 1"), "http://localhost:1455/auth/callback",
                                               Secret("ver"), Secret("st"));
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body.Reveal(),
            "grant_type=authorization_code&code=ac%201&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback"
            "&client_id=app_EMoamEEZ73f0CkXaXp7hrann&code_verifier=ver");
}

TEST(ExchangeRequest, IsJsonWithItsStateWhereARowSaysSo) {
  catalog::v1::OAuth oauth;
  oauth.set_client_id("me");
  oauth.set_exchange_body("json");
  oauth.set_exchange_with_state(true);
  const TokenRequest request = ExchangeRequest(oauth, Secret("c"), "http://l/cb", Secret("v"), Secret("s"));
  EXPECT_EQ(request.content_type, "application/json");
  EXPECT_EQ(request.body.Reveal(),
            R"({"grant_type":"authorization_code","code":"c","state":"s","redirect_uri":"http://l/cb",)"
            R"("client_id":"me","code_verifier":"v"})");
}

TEST(RefreshRequest, IsTheJsonOfTheShippedRow) {
  EXPECT_EQ(RefreshRequest(ShippedOAuth(), Secret("rt_1")).body.Reveal(),
            R"({"client_id":"app_EMoamEEZ73f0CkXaXp7hrann","grant_type":"refresh_token","refresh_token":"rt_1"})");
}

TEST(RevokeRequest, NamesTheClientOfARefreshTokenOnly) {
  EXPECT_EQ(RevokeRequest(ShippedOAuth(), Secret("rt_1"), Secret("at")).body.Reveal(),
            R"({"token":"rt_1","token_type_hint":"refresh_token","client_id":"app_EMoamEEZ73f0CkXaXp7hrann"})");
  EXPECT_EQ(RevokeRequest(ShippedOAuth(), Secret(), Secret("at")).body.Reveal(),
            R"({"token":"at","token_type_hint":"access_token"})");
}

}  // namespace
}  // namespace patchbay::accounts
