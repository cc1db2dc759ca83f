#include "workers/upstream/identity/cookies/cookies.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::seconds(1787390000)};  // Sat, 22 Aug 2026

std::optional<Cookie> Parse(std::string_view text, std::string_view host = "chatgpt.com",
                            std::string_view path = "/backend-api/codex/responses") {
  return ParseSetCookie(text, host, path, kNow);
}

TEST(SetCookie, ReadsNameValueAndAttributes) {
  const auto cookie = Parse(
      "__cf_bm=a.b=c; path=/x; expires=Sun, 23-Aug-26 10:00:00 GMT; domain=.ChatGPT.com; HttpOnly; Secure; "
      "SameSite=None");
  ASSERT_TRUE(cookie);
  EXPECT_EQ(cookie->name, "__cf_bm");
  EXPECT_EQ(cookie->value, "a.b=c");
  EXPECT_EQ(cookie->domain, "chatgpt.com");
  EXPECT_FALSE(cookie->host_only);
  EXPECT_EQ(cookie->path, "/x");
  EXPECT_TRUE(cookie->secure);
  ASSERT_TRUE(cookie->expires);
  EXPECT_GT(*cookie->expires, kNow);
}

TEST(SetCookie, ReadsTheDatesThatServersSend) {
  for (const char* date : {"Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21-Oct-2026 07:28:00 GMT",
                           "Wednesday, 21-Oct-26 07:28:00 GMT", "Wed Oct 21 07:28:00 2026"}) {
    const auto cookie = Parse(std::string("_cfuvid=1; Expires=") + date);
    ASSERT_TRUE(cookie && cookie->expires) << date;
    EXPECT_EQ(*cookie->expires, WallTime(1792567680s)) << date;
  }
}

TEST(SetCookie, LetsMaxAgeWinAndBoundsIt) {
  EXPECT_EQ(Parse("a=1; Max-Age=60; Expires=Wed, 21 Oct 2026 07:28:00 GMT")->expires, kNow + 60s);
  EXPECT_EQ(Parse("a=1; Max-Age=-5")->expires, kNow);
  EXPECT_EQ(Parse("a=1; Max-Age=99999999999")->expires, kNow + std::chrono::hours(24 * 400));
  EXPECT_FALSE(Parse("a=1; Max-Age=soon")->expires);
}

TEST(SetCookie, DefaultsToTheHostAndTheRequestsFolder) {
  const auto cookie = Parse("a=1");
  EXPECT_TRUE(cookie->host_only);
  EXPECT_EQ(cookie->domain, "chatgpt.com");
  EXPECT_EQ(cookie->path, "/backend-api/codex");
  EXPECT_EQ(Parse("a=1", "h.com", "/top")->path, "/");
  EXPECT_EQ(Parse("a=1; Path=relative", "h.com", "/a/b?x=/y/z")->path, "/a");
}

TEST(SetCookie, RefusesForeignDomainsAndDamage) {
  for (const char* text : {"a=1; Domain=evil.com", "a=1; Domain=com", "a=1; Domain=sub.chatgpt.com",
                           "a=1; Domain=gpt.com", "=1", "novalue", "", "a=1\r\nx: y", "a=\x01"}) {
    EXPECT_FALSE(Parse(text)) << text;
  }
  EXPECT_FALSE(Parse("a=1; Domain=0.0.1", "127.0.0.1"));
  EXPECT_FALSE(Parse("a=1; Domain=co.uk", "provider.co.uk"));
  EXPECT_TRUE(Parse("a=1; Domain=provider.co.uk", "api.provider.co.uk"));
  EXPECT_FALSE(Parse("a=" + std::string(5000, 'x')));
}

class Jar : public ::testing::Test {
 protected:
  void Store(const std::string& account, std::string_view set_cookie, std::string_view host = "chatgpt.com",
             WallTime now = kNow) {
    jar_.Store(account, host, "/backend-api/codex/responses", {set_cookie}, now);
  }
  std::string Header(const std::string& account, std::string_view host = "chatgpt.com",
                     std::string_view path = "/backend-api/codex/responses", WallTime now = kNow) {
    return jar_.HeaderFor(account, host, path, now);
  }
  Jar() {
    jar_.SetOnChange([this](const std::string& account, const std::vector<Cookie>& cookies) {
      changed_.push_back(account);
      EXPECT_EQ(cookies, jar_.Of(account));
    });
  }
  std::vector<std::string> changed_;
  CookieJar jar_;
};

TEST_F(Jar, SendsBackOnlyInfrastructureCookies) {
  Store("a", "__cf_bm=1; Path=/");
  Store("a", "__Secure-next-auth.session-token=secret; Path=/");
  Store("a", "oai-sc=1; Path=/");
  Store("a", "cf_chl_rc=2; Path=/");
  EXPECT_EQ(Header("a"), "__cf_bm=1; cf_chl_rc=2");
  EXPECT_EQ(jar_.Of("a").size(), 2u);
}

TEST_F(Jar, KeepsAccountsApart) {
  Store("a", "__cf_bm=1; Path=/");
  EXPECT_EQ(Header("b"), "");
}

TEST_F(Jar, MatchesDomainAndPath) {
  Store("a", "__cf_bm=host; Path=/");
  Store("a", "_cfuvid=domain; Domain=chatgpt.com; Path=/");
  Store("a", "__cflb=folder");
  EXPECT_EQ(Header("a"), "__cflb=folder; __cf_bm=host; _cfuvid=domain");
  EXPECT_EQ(Header("a", "chatgpt.com", "/backend-api/codexx"), "__cf_bm=host; _cfuvid=domain");
  EXPECT_EQ(Header("a", "ab.chatgpt.com"), "_cfuvid=domain");
  EXPECT_EQ(Header("a", "notchatgpt.com"), "");
  EXPECT_EQ(Header("a", "auth.openai.com"), "");
}

TEST_F(Jar, ForgetsWhatExpired) {
  Store("a", "__cf_bm=1; Path=/; Max-Age=60");
  EXPECT_EQ(Header("a", "chatgpt.com", "/", kNow + 59s), "__cf_bm=1");
  EXPECT_EQ(Header("a", "chatgpt.com", "/", kNow + 60s), "");
  Store("a", "__cf_bm=2; Path=/");
  Store("a", "__cf_bm=; Path=/; Max-Age=0");
  EXPECT_TRUE(jar_.Of("a").empty());
}

TEST_F(Jar, TellsOnlyOfChanges) {
  Store("a", "__cf_bm=1; Path=/");
  Store("a", "__cf_bm=1; Path=/");
  EXPECT_EQ(changed_.size(), 1u);
  Store("a", "__cf_bm=2; Path=/");
  EXPECT_EQ(changed_.size(), 2u);
  Store("a", "ignored=2; Path=/");
  EXPECT_EQ(changed_.size(), 2u);
}

TEST_F(Jar, IsBounded) {
  for (int i = 0; i < 1000; ++i) Store("a", "cf_chl_" + std::to_string(i) + "=1; Path=/");
  EXPECT_EQ(jar_.Of("a").size(), CookieJar::kMaxPerAccount);
}

TEST_F(Jar, SurvivesBeingTextForAWhile) {
  Store("a", "__cf_bm=\"quoted\\\" \xC3\xBC\"; Path=/; Max-Age=60");
  Store("a", "_cfuvid=2; Domain=chatgpt.com; Secure");
  EXPECT_EQ(ParseCookies(SerializeCookies(jar_.Of("a"))), jar_.Of("a"));
  EXPECT_FALSE(ParseCookies("not json"));
  EXPECT_FALSE(ParseCookies("{}"));
}

}  // namespace
}  // namespace patchbay::upstream
