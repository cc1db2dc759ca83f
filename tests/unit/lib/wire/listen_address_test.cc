#include "lib/wire/listen_address.h"

#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

TEST(ListenAddress, ParsesAndFormats) {
  for (const char* text : {"127.0.0.1:8080", "[::1]:0", "localhost:65535", "*:80", "0.0.0.0:1"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(FormatListenAddress(*address), text);
  }
  EXPECT_EQ(ParseListenAddress(":8080")->host, "");
}

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
                           "::1:80", "[::1]", "[127.0.0.1]:80", "example.com:80", "[::1:80", "300.0.0.1:80", "[]:80"}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace patchbay::wire
