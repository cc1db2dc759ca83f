#include "workers/upstream/transport/url.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(ProviderUrl, IsTakenApart) {
  const Url url = ParseUrl("https://ChatGPT.com/backend-api/codex/").value();
  EXPECT_EQ(url.authority, (Authority{true, "chatgpt.com", 443}));
  EXPECT_EQ(url.path, "/backend-api/codex");
  EXPECT_EQ(url.authority.HostHeader(), "chatgpt.com");
  EXPECT_EQ(ParseUrl("http://127.0.0.1:8080").value().authority, (Authority{false, "127.0.0.1", 8080}));
  EXPECT_EQ(ParseUrl("http://[::1]:80/x").value().authority.HostHeader(), "[::1]");
  EXPECT_EQ(ParseUrl("https://[::1]:8443").value().authority.HostHeader(), "[::1]:8443");
}

TEST(ProviderUrl, HoldsNothingButSchemeHostPortAndPath) {
  for (const char* text : {"", "chatgpt.com", "https://", "https://user@host", "https://host?x"}) {
    EXPECT_FALSE(ParseUrl(text).ok()) << text;
  }
}

}  // namespace
}  // namespace patchbay::upstream
