#include "lib/base/encoding.h"

#include <gtest/gtest.h>

#include "lib/base/random.h"

namespace patchbay {
namespace {

TEST(Base64, MatchesTheRfcVectors) {  // RFC 4648 §10
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
}

TEST(Base64, DecodesWhatItEncoded) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = RandomBytes(size);
    EXPECT_EQ(*Base64Decode(Base64Encode(bytes)), bytes);
    EXPECT_EQ(*Base64UrlDecode(Base64UrlEncode(bytes)), bytes);
  }
}

TEST(Base64, RefusesForeignCharactersAndImpossibleLengths) {
  EXPECT_EQ(Base64Decode("Zg*=").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Base64Decode("Zm9vY").error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(Base64UrlDecode("+/8").ok());
}

TEST(Base64, IsKnownByItsLooks) {
  for (const char* good : {"Zg==", "Zg", "Zm8=", "Zm8", "Zm9v", "+/+/"}) EXPECT_TRUE(IsBase64(good)) << good;
  for (const char* bad : {"", "=", "==", "Z", "Zm9vY", "Zg=", "Z===", "Zg=g", "Zm9v====", "Zm 9v", "-_-_", "Z\xc3g="}) {
    EXPECT_FALSE(IsBase64(bad)) << bad;
  }
}

TEST(Hex, EncodesEveryByte) { EXPECT_EQ(HexEncode(std::string_view("\x00\x7f\xff", 3)), "007fff"); }

}  // namespace
}  // namespace patchbay
