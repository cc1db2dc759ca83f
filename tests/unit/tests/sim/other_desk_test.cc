#include "tests/sim/other_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/wire/url.h"
#include "tests/sim/provider.h"
#include "tests/unit/tests/sim/request_builder.h"

namespace patchbay::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kProof = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr const char* kClient = "b1a00492-073a-47ea-816f-4c329264a828";
constexpr const char* kBack = "http://127.0.0.1:56121/callback";
constexpr const char* kForm = "application/x-www-form-urlencoded";

class OtherDeskTest : public ::testing::Test {
 protected:
  void Seat(OtherPerson person = {}) {
    person.account_id = account_->id;
    provider_.others().Seat(std::move(person));
  }
  static std::string Question(const std::string& without = "") {
    std::string target = "/grok/oauth2/authorize?response_type=code";
    const std::pair<std::string, std::string> pairs[] = {
        {"client_id", kClient},
        {"redirect_uri", kBack},
        {"scope", "openid profile email offline_access grok-cli:access api:access"},
        {"state", "st"},
        {"nonce", "no"},
        {"code_challenge_method", "S256"},
        {"code_challenge", Base64UrlEncode(Sha256(kProof))}};
    for (const auto& [name, value] : pairs) {
      if (name != without) target += "&" + name + "=" + wire::PercentEncode(value);
    }
    return target;
  }
  Reply Open(const std::string& target, const std::string& authorization = "") {
    Request request;
    request.method = "GET";
    request.target = target;
    request.headers = {{"Authorization", authorization}, {"User-Agent", "x/1"}, {"Editor-Version", "x/1"}};
    return provider_.Handle(request, true).reply;
  }
  Reply Post(std::string_view path, const std::string& body, std::string_view type = kForm) {
    Request request;
    request.method = "POST";
    request.target = path;
    request.headers = {{"Content-Type", type}};
    request.body = body;
    return provider_.Handle(request, true).reply;
  }
  std::string Code() {
    const Reply page = Open(Question());
    EXPECT_EQ(page.status, 302u) << page.body;
    const std::size_t at = page.header_lines.find("code=") + 5;
    return page.header_lines.substr(at, page.header_lines.find('&', at) - at);
  }
  Reply Exchange(const std::string& code, const std::string& verifier = kProof, const std::string& back = kBack) {
    return Post("/grok/oauth2/token", "grant_type=authorization_code&client_id=" + std::string(kClient) +
                                          "&code=" + code + "&redirect_uri=" + wire::PercentEncode(back) +
                                          "&code_verifier=" + verifier);
  }
  Reply Renew(const std::string& token) {
    return Post("/grok/oauth2/token",
                "grant_type=refresh_token&client_id=" + std::string(kClient) + "&refresh_token=" + token);
  }
  static std::string Text(const Reply& reply, std::string_view key) {
    const json::value document = json::parse(reply.body);
    const json::value* value = document.as_object().if_contains(key);
    return value == nullptr ? "" : std::string(value->as_string());
  }

  Provider provider_{100, 1 << 20};
  Account* account_ = provider_.accounts().Create({.label = "a"}, WallSeconds());
};

TEST_F(OtherDeskTest, RefusesAQuestionThatIsNotWhole) {
  Seat();
  EXPECT_EQ(Open(Question()).status, 302u);
  for (const char* name :
       {"client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge_method", "code_challenge"}) {
    EXPECT_EQ(Open(Question(name)).status, 400u) << name;
  }
}

TEST_F(OtherDeskTest, TakesACodeOnceWithItsVerifierAndAddress) {
  Seat();
  EXPECT_EQ(Exchange(Code(), "another-verifier").status, 400u);
  EXPECT_EQ(Exchange(Code(), kProof, "http://127.0.0.1:1/callback").status, 400u);
  const std::string code = Code();
  const Reply tokens = Exchange(code);
  EXPECT_EQ(tokens.status, 200u) << tokens.body;
  EXPECT_EQ(Text(tokens, "access_token"), account_->api_key);
  EXPECT_EQ(Exchange(code).status, 400u);
  EXPECT_EQ(account_->refused_exchanges, 3);
}

TEST_F(OtherDeskTest, EndsALoginWhoseRefreshTokenComesAgain) {
  Seat();
  const std::string first = Text(Exchange(Code()), "refresh_token");
  const std::string key = account_->api_key;
  const std::string second = Text(Renew(first), "refresh_token");
  EXPECT_NE(account_->api_key, key) << "the old access token is good for nothing";
  EXPECT_EQ(Renew(first).status, 400u);
  EXPECT_EQ(account_->reused_refresh_tokens, 1);
  EXPECT_EQ(Renew(second).status, 400u) << "and neither is the new one";
}

TEST_F(OtherDeskTest, TellsADeviceToAskLessOften) {
  Seat({.slow = 1});
  const std::string code = Text(
      Post("/kimi/api/oauth/device_authorization", "client_id=17e5f671-d194-4dfb-9706-5516cb48c098"), "device_code");
  ASSERT_FALSE(code.empty());
  const std::string poll =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id="
      "17e5f671-d194-4dfb-9706-5516cb48c098&device_code=" +
      code;
  EXPECT_THAT(Post("/kimi/api/oauth/token", poll).body, HasSubstr("slow_down"));
  EXPECT_THAT(Post("/kimi/api/oauth/token", poll).body, HasSubstr("slow_down")) << "at once is too soon again";
  EXPECT_THAT(Post("/kimi/api/oauth/token", poll, "application/json").body, HasSubstr("invalid")) << "a form";
}

TEST_F(OtherDeskTest, SaysThatADevicesCodeHasExpired) {
  Seat({.sleeps = true});
  const std::string code =
      Text(Post("/github/login/device/code", "client_id=Iv1.b507a08c87ecfe98&scope=read%3Auser"), "device_code");
  const Reply refused = Post("/github/login/oauth/access_token",
                             "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id="
                             "Iv1.b507a08c87ecfe98&device_code=" +
                                 code);
  EXPECT_EQ(refused.status, 200u) << "as GitHub refuses";
  EXPECT_THAT(refused.body, HasSubstr("expired_token"));
}

TEST_F(OtherDeskTest, GivesTokensOfMinutesForALoginWithGitHub) {
  Seat();
  const std::string code =
      Text(Post("/github/login/device/code", "client_id=Iv1.b507a08c87ecfe98&scope=read%3Auser"), "device_code");
  const std::string login = Text(Post("/github/login/oauth/access_token",
                                      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id="
                                      "Iv1.b507a08c87ecfe98&device_code=" +
                                          code),
                                 "access_token");
  EXPECT_THAT(login, StartsWith("gho_"));
  constexpr const char* kSession = "/github/copilot_internal/v2/token";
  EXPECT_EQ(Text(Open(kSession, "token " + login), "token"), account_->api_key);
  EXPECT_EQ(Open(kSession, "Bearer " + login).status, 401u);
  EXPECT_EQ(Open(kSession, "token gho_another").status, 401u);
  Seat({.no_copilot = true});
  EXPECT_EQ(Open(kSession, "token " + login).status, 403u);
}

}  // namespace
}  // namespace patchbay::sim
