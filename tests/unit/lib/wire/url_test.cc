#include "lib/wire/url.h"

#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

TEST(HttpUrl, IsTakenApart) {
  EXPECT_EQ(ParseHttpUrl("https://ChatGPT.com/backend-api/codex/").value(),
            (HttpUrl{true, "chatgpt.com", 443, "/backend-api/codex/"}));
  EXPECT_EQ(ParseHttpUrl("http://127.0.0.1:8080").value(), (HttpUrl{false, "127.0.0.1", 8080, ""}));
  EXPECT_EQ(ParseHttpUrl("http://[::1]/x%20y").value(), (HttpUrl{false, "::1", 80, "/x%20y"}));
  EXPECT_EQ(ParseHttpUrl("https://[FE80::A]:8443").value(), (HttpUrl{true, "fe80::a", 8443, ""}));
  EXPECT_EQ(ParseHttpUrl("https://my_host/users/@me").value(), (HttpUrl{true, "my_host", 443, "/users/@me"}));
}

TEST(HttpUrl, HoldsNothingButSchemeHostPortAndPath) {
  for (const char* text : {"",
                           "chatgpt.com",
                           "ftp://x",
                           "https:",
                           "https:x",
                           "https:/x",
                           "https://",
                           "https:///path",
                           "https://user@host",
                           "https://host?x",
                           "https://host/?x",
                           "https://host#x",
                           "https://host:0",
                           "https://host:65536",
                           "https://host:",
                           "https://host:1x",
                           "https://[::1",
                           "https://[::1]x",
                           "https://[v1.x]",
                           "https://[fe80::1%25eth0]",
                           "https://ho st",
                           "https://ho%20st",
                           "https://host\r\nx: y",
                           "https://host\\x",
                           "https://host/a b",
                           "https://host/%zz",
                           "https://host/\x7f",
                           "https://h\xc3\xb6st",
                           "//host",
                           "host:443"}) {
    EXPECT_FALSE(ParseHttpUrl(text).ok()) << text;
  }
}

TEST(HttpUrl, ShowsNoPasswordWhenItIsRefused) {
  for (const char* text : {"https://user:hunter2@host", "https://user:hunt er2hunter2@host/x", "ftp://me:hunter2@host",
                           "user:hunter2@host", "https://hunter2@"}) {
    const auto url = ParseHttpUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos) << text;
  }
}

TEST(PercentEncode, EscapesWhatMeansSomethingSomewhere) {
  EXPECT_EQ(PercentEncode("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(PercentEncode("a b&c=d/\xff"), "a%20b%26c%3Dd%2F%FF");
  EXPECT_EQ(PercentDecode(PercentEncode("100% ü+\n")), "100% ü+\n");
}

TEST(PercentDecode, KeepsWhatIsNoEscape) {
  EXPECT_EQ(PercentDecode("a%2Fb%3ac"), "a/b:c");
  EXPECT_EQ(PercentDecode("%zz%2"), "%zz%2");
}

TEST(QueryValue, FindsTheFirstOfThatName) {
  EXPECT_EQ(QueryValue("alt=sse&key=a&key=b", "key"), "a");
  EXPECT_EQ(QueryValue("%61lt=s%73e", "alt"), "sse");
  EXPECT_EQ(QueryValue("q=a+b%2Bc", "q"), "a b+c");
}

TEST(QueryValue, IsEmptyWithoutOne) {
  for (const char* query : {"", "&&", "keys=x", "key", "key=", "=key", "alt=key"}) {
    EXPECT_EQ(QueryValue(query, "key"), "") << query;
  }
}

}  // namespace
}  // namespace patchbay::wire
