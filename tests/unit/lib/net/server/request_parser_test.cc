// Without a socket: what depends on how the bytes are cut, and what a head says. http_server_test has what is refused.
#include "lib/net/server/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/net/server/body_decoder.h"

namespace patchbay::net::server {
namespace {

using ::testing::ElementsAre;

// A request without a body, its head parsed.
struct Parsed {
  explicit Parsed(const std::string& head) { refusal = parser.ParseHead(head, request); }
  RequestParser parser;
  HttpRequest request;
  std::optional<Refusal> refusal;
};

TEST(RequestParser, FindsTheEndOfAHeadHoweverItComes) {
  for (const std::string& before : {std::string(), std::string("\r\n"), std::string("\r\n\r\n")}) {
    const std::string head = before + "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
    for (std::size_t step = 1; step <= head.size(); ++step) {
      std::size_t scanned = 0, found = 0;
      for (std::size_t size = step; found == 0 && size < head.size() + step; size += step) {
        found = RequestParser::HeadSize((head + "GET /next").substr(0, size), scanned);
        EXPECT_TRUE(found == 0 || size >= head.size()) << size;
      }
      EXPECT_EQ(found, head.size()) << step;
    }
  }
}

TEST(RequestParser, TellsWhatStandsInTheHead) {
  const Parsed parsed("\r\nPOST /v1/a%20b?x=1&y=?z HTTP/1.1\r\nHost: t\r\nX-A:  one \r\nx-a: two\r\n\r\n");
  ASSERT_FALSE(parsed.refusal);
  EXPECT_EQ(parsed.request.method, "POST");
  EXPECT_EQ(parsed.request.target, "/v1/a%20b?x=1&y=?z");
  EXPECT_EQ(parsed.request.path, "/v1/a%20b");
  EXPECT_EQ(parsed.request.query, "x=1&y=?z");
  EXPECT_EQ(parsed.request.version, 11);
  EXPECT_THAT(parsed.request.FindAll("x-A"), ElementsAre("one", "two"));
  EXPECT_TRUE(parsed.parser.body_done());
}

TEST(RequestParser, FindsThePathInEveryFormOfATarget) {
  struct Case {
    std::string target, path, query;
  };
  const Case cases[] = {{"/", "/", ""},
                        {"/?", "/", ""},
                        {"http://host:80/a/b?c", "/a/b", "c"},  // RFC 9112 §3.2.2
                        {"http://host", "/", ""},
                        {"http://host?q", "/", "q"},
                        {"*", "*", ""}};
  for (const Case& one : cases) {
    const Parsed parsed("OPTIONS " + one.target + " HTTP/1.1\r\nHost: t\r\n\r\n");
    ASSERT_FALSE(parsed.refusal) << one.target;
    EXPECT_EQ(parsed.request.path, one.path) << one.target;
    EXPECT_EQ(parsed.request.query, one.query) << one.target;
  }
}

TEST(RequestParser, KnowsWhetherTheConnectionStays) {
  struct Case {
    std::string rest;
    bool keep_alive;
  };
  const Case cases[] = {{"HTTP/1.1\r\n", true},
                        {"HTTP/1.1\r\nConnection: close\r\n", false},
                        {"HTTP/1.1\r\nConnection: x, Close\r\n", false},
                        {"HTTP/1.0\r\n", false},
                        {"HTTP/1.0\r\nConnection: keep-alive\r\n", true}};
  for (const Case& one : cases) {
    const Parsed parsed("GET / " + one.rest + "Host: t\r\n\r\n");
    ASSERT_FALSE(parsed.refusal) << one.rest;
    EXPECT_EQ(parsed.parser.keep_alive(), one.keep_alive) << one.rest;
  }
}

TEST(RequestParser, ExpectsNothingOfAClientOfHttp10) {
  const std::string rest = "\r\nHost: t\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n";
  EXPECT_TRUE(Parsed("PUT / HTTP/1.1" + rest).parser.expects_continue());
  EXPECT_FALSE(Parsed("PUT / HTTP/1.0" + rest).parser.expects_continue());  // RFC 9110 §10.1.1
}

TEST(RequestParser, TakesABodyHoweverItComesAndNotAByteOfTheNextRequest) {
  const std::string next = "GET /next HTTP/1.1\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {"Content-Length: 11\r\n\r\n", "hello world"},
      {"Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n6;ext=\"a\"\r\n world\r\n0\r\nTrailer: x\r\n\r\n"}};
  for (const auto& [framing, body] : cases) {
    for (std::size_t step = 1; step <= body.size(); ++step) {
      Parsed parsed("POST / HTTP/1.1\r\nHost: t\r\n" + framing);
      ASSERT_FALSE(parsed.refusal) << framing;
      auto decoder = std::move(*BodyDecoder::Create("", 100));
      std::string arrived, rest = body + next;
      while (!parsed.parser.body_done() && !rest.empty()) {
        arrived += rest.substr(0, step);
        rest.erase(0, step);
        const auto used = parsed.parser.ParseBody(arrived, *decoder);
        ASSERT_TRUE(used.ok()) << framing << step << used.error().message;
        arrived.erase(0, *used);
      }
      EXPECT_EQ(std::move(*decoder).Take(), "hello world") << framing << step;
      EXPECT_EQ(arrived + rest, next) << framing << step;
      EXPECT_EQ(parsed.parser.remaining(), 0u);
    }
  }
}

TEST(RequestParser, KnowsHowMuchIsToComeWhereThatIsKnown) {
  Parsed sized("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(sized.parser.content_length(), 10u);
  EXPECT_EQ(*sized.parser.SkipBody("abc"), 3u);
  EXPECT_EQ(sized.parser.remaining(), 7u);
  const Parsed chunked("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(chunked.parser.content_length(), std::nullopt);
  EXPECT_EQ(chunked.parser.remaining(), std::nullopt);
}

TEST(RequestParser, SaysWhatTheDecoderSaysOfABody) {
  Parsed parsed("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n");
  const auto decoder = std::move(*BodyDecoder::Create("", 4));
  EXPECT_EQ(parsed.parser.ParseBody("0123456789", *decoder).error().code, ErrorCode::kTooLarge);
}

TEST(RequestParser, WaitsForNoEndlessChunkHeader) {
  Parsed parsed("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(*parsed.parser.SkipBody("5;" + std::string(1000, 'x')), 0u);
  EXPECT_FALSE(parsed.parser.SkipBody("5;" + std::string(20'000, 'x')).ok());
}

}  // namespace
}  // namespace patchbay::net::server
