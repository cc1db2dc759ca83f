#include "workers/upstream/transport/http1/request_head.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(RequestHead, WritesNoHeaderThatHidesAnother) {
  const Authority authority{true, "chatgpt.com", 443};
  const std::string head = WriteHead("POST", "/x", authority,
                                     {{"a", "1"}, {"b", "2\r\nevil: 1"}, {"c d", "3"}, {"e", std::string("\0", 1)}}, 5);
  EXPECT_EQ(head, "POST /x HTTP/1.1\r\na: 1\r\nhost: chatgpt.com\r\ncontent-length: 5\r\n\r\n");
}

}  // namespace
}  // namespace patchbay::upstream
