#include "lib/net/server/response_head.h"

#include <gtest/gtest.h>

namespace patchbay::net::server {
namespace {

constexpr char kDate[] = "Thu, 01 Jan 1970 00:00:00 GMT";

std::string Written(const ResponseHead& head, const HttpHeaders& headers = {}) {
  std::string out;
  AppendResponseHead(out, head, headers);
  return out;
}

// With that status, and nothing else out of the ordinary.
ResponseHead Plain(int status = 200) { return {.status = status, .date = kDate}; }

TEST(ResponseHead, IsWrittenLetterForLetter) {
  EXPECT_EQ(Written({.status = 404, .length = 12, .date = kDate}, {{"Content-Type", "text/plain"}, {"x-a", "1"}}),
            "HTTP/1.1 404 Not Found\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: patchbay\r\n"
            "Content-Type: text/plain\r\nx-a: 1\r\nContent-Length: 12\r\n\r\n");
}

TEST(ResponseHead, SaysWhereTheBodyEndsAndWhetherTheConnectionStays) {
  struct Case {
    int request_version;
    bool keep_alive;
    Framing framing;
    std::uint64_t length;
    const char* end;
  };
  const Case cases[] = {{11, true, Framing::kLength, 0, "Content-Length: 0\r\n\r\n"},
                        {11, true, Framing::kLength, ~std::uint64_t{0}, "Content-Length: 18446744073709551615\r\n\r\n"},
                        {11, true, Framing::kChunked, 0, "Transfer-Encoding: chunked\r\n\r\n"},
                        {11, true, Framing::kNone, 0, "Server: patchbay\r\n\r\n"},
                        {11, false, Framing::kClose, 0, "Server: patchbay\r\nConnection: close\r\n\r\n"},
                        // HTTP/1.0 closes unless both say otherwise (RFC 9112 §9.3).
                        {10, true, Framing::kLength, 0, "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
                        {10, false, Framing::kLength, 0, "Content-Length: 0\r\nConnection: close\r\n\r\n"}};
  for (const Case& one : cases) {
    ResponseHead head = Plain();
    head.request_version = one.request_version;
    head.keep_alive = one.keep_alive;
    head.framing = one.framing;
    head.length = one.length;
    const std::string written = Written(head);
    EXPECT_TRUE(written.ends_with(one.end)) << written;
  }
}

TEST(ResponseHead, LeavesToNobodyWhatIsTheServersBusiness) {
  const std::string plain = Written(Plain());
  for (const char* name : {"date", "SERVER", "Connection", "keep-alive", "content-length", "Transfer-Encoding", ""}) {
    EXPECT_EQ(Written(Plain(), {{name, "theirs"}}), plain) << name;
  }
}

TEST(ResponseHead, LetsNoValueEndItsLine) {
  EXPECT_EQ(Written(Plain(), {{"x-a\r\nx-b", "1\r\nx-c: 2\x7f"}, {"x-tab", "a\tb"}}),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: patchbay\r\n"
            "x-a  x-b: 1  x-c: 2 \r\nx-tab: a\tb\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseHead, HasThreeDigitsForAStatusWhateverItIs) {
  EXPECT_TRUE(Written(Plain(7)).starts_with("HTTP/1.1 100 "));
  EXPECT_TRUE(Written(Plain(1234)).starts_with("HTTP/1.1 999 "));
}

TEST(ResponseHead, IsClosedWhereTheHandlerWantsIt) {
  EXPECT_TRUE(WantsClose({{"x", "close"}, {"Connection", "Keep-Alive, Close"}}));
  EXPECT_FALSE(WantsClose({{"x", "close"}, {"Connection", "closed"}}));
}

TEST(ResponseHead, KnowsWhichStatusesHaveNoBody) {
  for (const int status : {100, 101, 199, 204, 304}) EXPECT_TRUE(HasNoBody(status)) << status;
  for (const int status : {200, 205, 301, 400, 500}) EXPECT_FALSE(HasNoBody(status)) << status;
}

}  // namespace
}  // namespace patchbay::net::server
