#include "workers/frontend/dialects/common/request/media_url.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"

namespace patchbay::frontend {
namespace {

Result<std::string> Read(const char* url) {
  const boost::json::value value(url);
  const auto read = ReadMediaUrl(JsonNode(value));
  if (!read.ok()) return read.error();
  return std::string(*read);
}

TEST(MediaUrl, IsHttpsOrBase64) {
  for (const char* url : {"https://example.com/a.png", "data:image/png;base64,iVBO", "data:;base64,iVBO"}) {
    ASSERT_TRUE(Read(url).ok()) << url;
    EXPECT_EQ(*Read(url), url);
  }
}

TEST(MediaUrl, IsNothingThatWouldHaveToBeFetchedOrGuessed) {
  for (const char* url : {"", "http://example.com/a.png", "file:///etc/passwd", "data:image/png,raw",
                          "data:image/png;base64,no*base64", "HTTPS://example.com"}) {
    EXPECT_FALSE(Read(url).ok()) << url;
  }
}

}  // namespace
}  // namespace patchbay::frontend
