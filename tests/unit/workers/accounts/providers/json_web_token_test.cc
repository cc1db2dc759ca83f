#include "workers/accounts/providers/json_web_token.h"

#include <gtest/gtest.h>

#include "lib/base/encoding.h"

namespace patchbay::accounts {
namespace {

TEST(JsonWebToken, HoldsAnObjectOfClaims) {
  const auto payload = ReadTokenPayload("h." + Base64UrlEncode(R"({"exp":1790000000})") + ".s");
  ASSERT_TRUE(payload.ok());
  EXPECT_EQ(ExpiryOf(*payload), WallTime(std::chrono::seconds(1'790'000'000)));
}

TEST(JsonWebToken, IsNoOtherText) {
  for (const std::string& text :
       {std::string(), std::string("a.b"), std::string("a.!.c"), "h." + Base64UrlEncode("[]") + ".s",
        "h." + Base64UrlEncode("{") + ".s", std::string(70'000, '.')}) {
    EXPECT_FALSE(ReadTokenPayload(text).ok()) << text.substr(0, 40);
  }
}

TEST(JsonWebToken, EndsAtATimeThatACalendarHas) {
  for (const char* claims : {"{}", R"({"exp":"soon"})", R"({"exp":-1})", R"({"exp":1e300})"}) {
    EXPECT_FALSE(ExpiryOf(wire::ParseOrNothing(claims))) << claims;
  }
}

}  // namespace
}  // namespace patchbay::accounts
