#include "tests/sim/login_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <ctime>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/wire/url.h"
#include "tests/sim/control.h"
#include "tests/sim/provider.h"
#include "tests/unit/tests/sim/request_builder.h"

namespace patchbay::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr const char* kRedirect = "http://localhost:4000/auth/callback";

class LoginDeskTest : public ::testing::Test {
 protected:
  void Seat(bool denies = false, bool later = false) {
    Tell("/control/login", {{"account_id", account_->id}, {"denies", denies}, {"later", later}});
  }
  json::value Tell(std::string_view path, const json::object& body = {}) {
    Request request;
    request.method = "POST";
    request.target = path;
    request.body = json::serialize(body);
    return json::parse(control_.Handle(request, false).reply.body);
  }
  static std::string Question(const std::string& redirect = kRedirect, const std::string& state = "st") {
    return "/oauth/authorize?response_type=code&client_id=app_EMoamEEZ73f0CkXaXp7hrann&redirect_uri=" +
           wire::PercentEncode(redirect) + "&scope=openid%20offline_access&state=" + state +
           "&code_challenge_method=S256&code_challenge=" + Base64UrlEncode(Sha256(kVerifier));
  }
  Reply Open(const std::string& target) {
    Request request;
    request.method = "GET";
    request.target = target;
    return provider_.Handle(request, true).reply;
  }
  Plan Post(std::string_view path, const std::string& body, std::string_view type = "application/json") {
    Request request;
    request.method = "POST";
    request.target = path;
    request.headers = {{"Content-Type", type}};
    request.body = body;
    return provider_.Handle(request, true);
  }
  Plan Exchange(const std::string& code, const std::string& verifier = kVerifier,
                const std::string& redirect = kRedirect) {
    return Post("/oauth/token",
                "grant_type=authorization_code&client_id=app_EMoamEEZ73f0CkXaXp7hrann&code=" + code +
                    "&redirect_uri=" + wire::PercentEncode(redirect) + "&code_verifier=" + verifier,
                "application/x-www-form-urlencoded");
  }
  // Where the page sends the browser, without asking further.
  static std::string LocationOf(const Reply& reply) {
    const std::string& lines = reply.header_lines;
    const std::size_t at = lines.find("location: ") + 10;
    return lines.substr(at, lines.find("\r\n", at) - at);
  }
  static std::string CodeOf(const std::string& location) {
    return wire::QueryValue(location.substr(location.find('?') + 1), "code");
  }

  Provider provider_{64, 1 << 20};
  Control control_{provider_};
  Account* account_ = provider_.accounts().Create({"a", "plus", 1000}, std::time(nullptr));
};

TEST_F(LoginDeskTest, SendsTheBrowserOnWithACodeThatWorksOnce) {
  Seat();
  const Reply page = Open(Question());
  EXPECT_EQ(page.status, 302u);
  EXPECT_THAT(LocationOf(page), StartsWith("http://localhost:4000/auth/callback?code="));
  EXPECT_THAT(LocationOf(page), HasSubstr("&state=st"));
  const Plan plan = Exchange(CodeOf(LocationOf(page)));
  EXPECT_EQ(plan.reply.status, 200u);
  EXPECT_EQ(json::parse(plan.reply.body).at("refresh_token").as_string(), account_->refresh_token);
  EXPECT_EQ(account_->logins, 1);
  EXPECT_EQ(Exchange(CodeOf(LocationOf(page))).reply.status, 400u);
  EXPECT_EQ(account_->refused_exchanges, 1);
}

TEST_F(LoginDeskTest, TakesACodeForItsVerifierAndAddressOnly) {
  Seat();
  EXPECT_EQ(Exchange(CodeOf(LocationOf(Open(Question()))), "another").reply.status, 400u);
  EXPECT_EQ(
      Exchange(CodeOf(LocationOf(Open(Question()))), kVerifier, "http://localhost:4001/auth/callback").reply.status,
      400u);
  EXPECT_EQ(Exchange("ac_unknown").reply.status, 400u);
  EXPECT_EQ(Post("/oauth/token", R"({"grant_type":"authorization_code","client_id":"app_EMoamEEZ73f0CkXaXp7hrann"})")
                .reply.status,
            400u)
      << "in a form";
  EXPECT_EQ(account_->logins, 0);
}

TEST_F(LoginDeskTest, RefusesAQuestionThatIsNotWhole) {
  Seat();
  EXPECT_EQ(Open("/oauth/authorize").status, 400u);
  EXPECT_EQ(Open(Question("https://evil.example/auth/callback")).status, 400u);
  EXPECT_EQ(Open(Question("http://localhost:4000/other")).status, 400u);
  EXPECT_EQ(Open(Question(kRedirect, "")).status, 400u);
  for (const char* part : {"response_type=code", "S256", "openid", "app_EMoam"}) {
    std::string question = Question();
    question.replace(question.find(part), 4, "xxxx");
    EXPECT_EQ(Open(question).status, 400u) << part;
  }
}

TEST_F(LoginDeskTest, WaitsForItsPerson) {
  Seat(/*denies=*/false, /*later=*/true);
  EXPECT_EQ(Open(Question()).status, 200u);
  const json::value told = Tell("/control/login/finish");
  ASSERT_EQ(told.at("redirects").as_array().size(), 1u);
  EXPECT_EQ(Exchange(CodeOf(std::string(told.at("redirects").at(0).as_string()))).reply.status, 200u);
  EXPECT_EQ(Tell("/control/login/finish").at("redirects").as_array().size(), 0u);
}

TEST_F(LoginDeskTest, TellsThatItsPersonSaidNo) {
  Seat(/*denies=*/true);
  EXPECT_THAT(LocationOf(Open(Question())), HasSubstr("?error=access_denied&"));
}

TEST_F(LoginDeskTest, LetsADeviceInOnceItsCodeIsEntered) {
  Seat(/*denies=*/false, /*later=*/true);
  const Plan asked = Post("/api/accounts/deviceauth/usercode", R"({"client_id":"app_EMoamEEZ73f0CkXaXp7hrann"})");
  EXPECT_EQ(asked.reply.status, 200u);
  json::object device = json::parse(asked.reply.body).as_object();
  EXPECT_TRUE(device.at("interval").is_string()) << "as the real one";
  device.erase("interval");
  const std::string poll = json::serialize(device);
  EXPECT_EQ(Post("/api/accounts/deviceauth/token", poll).reply.status, 403u);
  Tell("/control/login/finish");
  const Plan entered = Post("/api/accounts/deviceauth/token", poll);
  EXPECT_EQ(entered.reply.status, 200u);
  const json::value code = json::parse(entered.reply.body);
  EXPECT_EQ(Exchange(std::string(code.at("authorization_code").as_string()),
                     std::string(code.at("code_verifier").as_string()), "https://auth.example/deviceauth/callback")
                .reply.status,
            200u);
  EXPECT_EQ(Post("/api/accounts/deviceauth/token", poll).reply.status, 400u) << "it was told";
}

TEST_F(LoginDeskTest, EndsALogin) {
  const std::string token = account_->refresh_token;
  const std::string body = json::serialize(json::object{{"token", token}, {"token_type_hint", "refresh_token"}});
  EXPECT_EQ(Post("/oauth/revoke", body).reply.status, 200u);
  EXPECT_EQ(account_->revocations, 1);
  EXPECT_NE(account_->refresh_token, token);
  EXPECT_EQ(Post("/oauth/revoke", body).reply.status, 200u) << "it is over";
  EXPECT_EQ(account_->revocations, 1);
}

}  // namespace
}  // namespace patchbay::sim
