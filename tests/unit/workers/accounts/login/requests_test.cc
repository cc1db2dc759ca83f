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

// What the login of each row of the program asks (opencodex §4): a provider is data, and this is what its data says.
struct RowCase {
  const char* provider;
  const char* page;      // a browser's, or empty
  const char* exchange;  // of a code, or empty
  const char* refresh;   // its body, or what is shown
  LoginEndpoint renewed_at;
};

TEST(Rows, AskTheirProvidersWhatTheyWant) {
  const RowCase cases[] = {
      {"grok",
       "https://auth.x.ai/oauth2/authorize?response_type=code&client_id=b1a00492-073a-47ea-816f-4c329264a828"
       "&redirect_uri=http%3A%2F%2F127.0.0.1%3A56121%2Fcallback"
       "&scope=openid%20profile%20email%20offline_access%20grok-cli%3Aaccess%20api%3Aaccess"
       "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=st",
       "grant_type=authorization_code&code=c&redirect_uri=http%3A%2F%2F127.0.0.1%3A56121%2Fcallback"
       "&client_id=b1a00492-073a-47ea-816f-4c329264a828&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
       "client_id=b1a00492-073a-47ea-816f-4c329264a828&grant_type=refresh_token&refresh_token=rt",
       LoginEndpoint::kToken},
      {"anthropic",
       "https://claude.ai/oauth/authorize?code=true&response_type=code"
       "&redirect_uri=http%3A%2F%2Flocalhost%3A54545%2Fcallback"
       "&scope=org%3Acreate_api_key%20user%3Aprofile%20user%3Ainference"
       "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=st",
       R"({"grant_type":"authorization_code","code":"c","state":"st","redirect_uri":"http://localhost:54545/callback",)"
       R"("code_verifier":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"})",
       R"({"grant_type":"refresh_token","refresh_token":"rt"})", LoginEndpoint::kToken},
      {"kimi", "", "", "client_id=17e5f671-d194-4dfb-9706-5516cb48c098&grant_type=refresh_token&refresh_token=rt",
       LoginEndpoint::kToken},
      {"github-copilot", "", "", "token rt", LoginEndpoint::kSession},
  };
  const Secret verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  for (const RowCase& row : cases) {
    SCOPED_TRACE(row.provider);
    const Provider* provider = CatalogProviders().Find(row.provider);
    ASSERT_NE(provider, nullptr);
    const auto& oauth = provider->row.auth().oauth();
    const bool by_browser = !oauth.authorize_url().empty();
    EXPECT_EQ(by_browser, *row.page != '\0');
    if (by_browser) {
      const std::string back = RedirectUri(oauth, oauth.redirect_ports(0));
      const std::string nonce = AsksWithNonce(oauth) ? "&nonce=" + NonceOf(verifier) : std::string();
      EXPECT_EQ(AuthorizeUrl(provider->row, back, verifier, Secret("st")), row.page + nonce);
      EXPECT_EQ(ExchangeRequest(oauth, Secret("c"), back, verifier, Secret("st")).body.Reveal(), row.exchange);
    }
    const TokenRequest refresh = RefreshRequest(oauth, Secret("rt"));
    EXPECT_EQ(RefreshEndpoint(oauth), row.renewed_at);
    EXPECT_EQ(row.renewed_at == LoginEndpoint::kSession ? refresh.shown.Reveal() : refresh.body.Reveal(), row.refresh);
    EXPECT_EQ(row.renewed_at == LoginEndpoint::kSession, refresh.body.empty());
  }
  EXPECT_TRUE(AsksWithNonce(CatalogProviders().Find("grok")->row.auth().oauth()));
  EXPECT_FALSE(AsksWithNonce(ShippedOAuth()));
}

TEST(Nonce, IsTheVerifiersOwnAndTellsNothingOfIt) {
  EXPECT_EQ(NonceOf(Secret("a")), NonceOf(Secret("a")));
  EXPECT_NE(NonceOf(Secret("a")), NonceOf(Secret("b")));
  EXPECT_NE(NonceOf(Secret("a")), PkceChallenge(Secret("a")));
  EXPECT_EQ(NonceOf(Secret("a")).size(), 43u);
}

TEST(RevokeRequest, NamesTheClientOfARefreshTokenOnly) {
  EXPECT_EQ(RevokeRequest(ShippedOAuth(), Secret("rt_1"), Secret("at")).body.Reveal(),
            R"({"token":"rt_1","token_type_hint":"refresh_token","client_id":"app_EMoamEEZ73f0CkXaXp7hrann"})");
  EXPECT_EQ(RevokeRequest(ShippedOAuth(), Secret(), Secret("at")).body.Reveal(),
            R"({"token":"at","token_type_hint":"access_token"})");
}

}  // namespace
}  // namespace patchbay::accounts
