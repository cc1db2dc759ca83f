#include "workers/upstream/transport/http1/response_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::upstream {
namespace {

// What a response in pieces of `step` bytes comes to: "status body", or "broken".
std::string Parsed(std::string_view bytes, std::size_t step) {
  ResponseParser parser;
  std::string body;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    if (!parser.Feed(piece, body).ok()) return "broken";
  }
  if (!parser.done() && !parser.FeedEnd().ok()) return "broken";
  return std::to_string(parser.head().status) + " " + body;
}

void ExpectForAnySplit(std::string_view bytes, const std::string& outcome) {
  for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(Parsed(bytes, step), outcome) << step;
}

TEST(ResponseParser, ReadsAnEmptyChunkedBodyWhereverThePacketsEnd) {
  ExpectForAnySplit("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "200 ");
  ExpectForAnySplit("HTTP/1.1 502 Bad\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-trailer: y\r\n\r\n", "502 ");
}

TEST(ResponseParser, ReadsChunksWhereverThePacketsEnd) {
  ExpectForAnySplit("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n00\r\n1;x=y\r\n0\r\n0\r\n\r\n",
                    "200 000");
}

TEST(ResponseParser, KeepsZerosAtTheEndOfABodyWithoutChunks) {
  ExpectForAnySplit("HTTP/1.1 200 OK\r\n\r\n0a0", "200 0a0");
  ExpectForAnySplit("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n1000", "200 1000");
}

TEST(ResponseParser, CallsACutBodyBroken) {
  ExpectForAnySplit("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r", "broken");
  ExpectForAnySplit("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab", "broken");
}

}  // namespace
}  // namespace patchbay::upstream
