// Request bodies: framing, bounds, encodings, Expect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "tests/unit/lib/net/compressed.h"
#include "tests/unit/lib/net/harness.h"

namespace patchbay::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string Noise(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>('a' + ((state = state * 1664525 + 1013904223) >> 24) % 26);
  return text;
}

std::string Chunked(std::string_view body, std::size_t chunk) {
  std::string out = "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[20];
  for (; !body.empty(); body.remove_prefix(std::min(chunk, body.size()))) {
    std::snprintf(size, sizeof size, "%zx\r\n", std::min(chunk, body.size()));
    out.append(size).append(body.substr(0, chunk)).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

TEST(RequestBody, ArrivesWholeAtTenMegabytes) {
  TestServer server(Echo());
  const std::string body = Noise(10 << 20);
  Client client = server.Connect();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(client.Send(Post("/b", body)).Read().body == "POST /b " + body);
  EXPECT_TRUE(client.Send(Chunked(body, 70000)).Read().body == "POST /c " + body);
}

TEST(RequestBody, ArrivesWholeInChunksOfAnySize) {
  TestServer server(Echo());
  Client client = server.Connect();
  const std::string body = Noise(3000);
  for (const std::size_t chunk : {1, 7, 100, 3000})
    EXPECT_EQ(client.Send(Chunked(body, chunk)).Read().body, "POST /c " + body);
  client.Send(
      "POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: Chunked\r\n\r\n5;ext=\"q\"\r\nhello\r\n0\r\nTrailer: "
      "x\r\n\r\n" +
      Get("/next"));
  EXPECT_EQ(client.Read().body, "POST /x hello");
  EXPECT_EQ(client.Read().body, "GET /next ");
}

TEST(RequestBody, MayEndInAnyPackets) {
  TestServer server(Echo());
  Client client = server.Connect();
  for (const char* chunks : {"0\r\n\r\n", "00\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "0;x\r\nA: b\r\n\r\n"}) {
    client.Send("POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char* c = chunks; *c != '\0'; ++c) client.Send({c, 1});
    EXPECT_EQ(client.Read().status, 200) << chunks;
  }
}

TEST(RequestBody, IsRefusedWhenItsChunksAreMalformed) {
  TestServer server(Echo());
  for (const char* chunks :
       {"x\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-1\r\n", "fffffffffffffffff\r\n", " 5\r\nhello\r\n0\r\n\r\n"}) {
    Client client = server.Connect();
    const Response response =
        client.Send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks)).Read();
    EXPECT_EQ(response.status, 400) << chunks;
    EXPECT_EQ(response.headers.at("connection"), "close");
  }
  Client endless = server.Connect();
  endless.Send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(100000, 'x'));
  EXPECT_EQ(endless.Read().status, 400);
}

TEST(RequestBody, IsDecodedFromGzipDeflateAndZstd) {
  TestServer server(Echo());
  Client client = server.Connect();
  const std::string body = Noise(200000) + std::string(200000, 'z');
  const std::string expected = "POST /e " + body;
  EXPECT_TRUE(client.Send(Post("/e", Gzip(body), "Content-Encoding: gzip\r\n")).Read().body == expected);
  EXPECT_TRUE(client.Send(Post("/e", Gzip(body), "Content-Encoding: X-GZIP\r\n")).Read().body == expected);
  EXPECT_TRUE(client.Send(Post("/e", Deflate(body, 15), "Content-Encoding: deflate\r\n")).Read().body == expected);
  EXPECT_TRUE(client.Send(Post("/e", Deflate(body, -15), "Content-Encoding: deflate\r\n")).Read().body == expected);
  EXPECT_TRUE(client.Send(Post("/e", Zstd(body), "Content-Encoding: zstd\r\n")).Read().body == expected);
  EXPECT_TRUE(client.Send(Post("/e", body, "Content-Encoding: identity\r\n")).Read().body == expected);
  const std::string two_members = Gzip(body.substr(0, 1000)) + Gzip(body.substr(1000));
  EXPECT_TRUE(client.Send(Post("/e", two_members, "Content-Encoding: gzip\r\n")).Read().body == expected);
  const std::string two_frames = Zstd(body.substr(0, 1000)) + Zstd(body.substr(1000));
  EXPECT_TRUE(client.Send(Post("/e", two_frames, "Content-Encoding: zstd\r\n")).Read().body == expected);
  EXPECT_EQ(client.Send(Post("/e", "", "Content-Encoding: gzip\r\n")).Read().body, "POST /e ");
}

TEST(RequestBody, IsRefusedWhenItsEncodingIsUnknownOrBroken) {
  TestServer server(Echo());
  Client client = server.Connect();
  EXPECT_EQ(client.Send(Post("/", "x", "Content-Encoding: br\r\n")).Read().status, 415);
  EXPECT_EQ(client.Send(Post("/", "x", "Content-Encoding: gzip, zstd\r\n")).Read().status, 415);
  EXPECT_EQ(client.Send(Post("/", "x", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n")).Read().status, 415);
  const std::string text = Noise(1000);
  for (const auto& [name, bytes] : {std::pair<std::string, std::string>{"gzip", Gzip(text)},
                                    {"deflate", Deflate(text, 15)},
                                    {"zstd", Zstd(text)}}) {
    const std::string header = "Content-Encoding: " + name + "\r\n";
    EXPECT_EQ(client.Send(Post("/", bytes.substr(0, bytes.size() / 2), header)).Read().status, 400) << name << " cut";
    EXPECT_EQ(server.Connect().Send(Post("/", bytes + "garbage", header)).Read().status, 400) << name << " with a tail";
    EXPECT_EQ(server.Connect().Send(Post("/", "xgarbage", header)).Read().status, 400) << name << " is garbage";
  }
}

TEST(RequestBody, OverItsBoundIsRefusedAndTheAnswerArrives) {
  TestServer server(Echo(), {.body_bytes = 1 << 20});
  const std::string fits = Noise(1 << 20);
  EXPECT_EQ(server.Connect().Send(Post("/", fits)).Read().status, 200);
  for (const std::string& request : {Post("/", fits + "x"), Post("/", Noise(20 << 20)), Chunked(fits + "x", 50000),
                                     Chunked(Noise(20 << 20), 1000)}) {
    Client client = server.Connect();
    const Response response = client.Send(request).Read();
    EXPECT_EQ(response.status, 413);
    EXPECT_TRUE(response.complete);
    EXPECT_EQ(response.headers.at("connection"), "close");
  }
}

TEST(RequestBody, BombsAreRefused) {
  TestServer server(Echo(), {.body_bytes = 1 << 20});
  const std::string zeros(100 << 20, '\0');
  EXPECT_EQ(server.Connect().Send(Post("/", Gzip(zeros), "Content-Encoding: gzip\r\n")).Read().status, 413);
  EXPECT_EQ(server.Connect().Send(Post("/", Zstd(zeros, 19), "Content-Encoding: zstd\r\n")).Read().status, 413);
}

TEST(RequestBody, IsAskedForOnlyWhenTheHandlerReadsIt) {
  TestServer server(Echo());
  Client client = server.Connect();
  client.Send("POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadSome(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.Send("hello").Read().body, "POST /e hello");
  client.Send(Post("/e", "at once", "Expect: 100-continue\r\n"));  // which makes the 100 superfluous
  EXPECT_EQ(client.Read().body, "POST /e at once");
}

TEST(RequestBody, IsNeverAskedForByAHandlerThatRefusesByTheHead) {
  TestServer server(
      [](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> { co_await exchange->Respond(401, {}, "no"); });
  Client client = server.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const Response response = client.Read();
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.at("connection"), "close");
}

TEST(RequestBody, OverItsBoundIsNotAskedFor) {
  TestServer server(Echo(), {.body_bytes = 100});
  Client client = server.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
}

TEST(RequestBody, LeftUnreadIsSkippedWhenSmallAndCutWhenLarge) {
  TestServer server(
      [](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> { co_await exchange->Respond(401, {}, "no"); });
  Client small = server.Connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(small.Send(Post("/", Noise(60000))).Read().status, 401);
  EXPECT_EQ(server.stats().accepted_total, 1u);
  Client large = server.Connect();
  const Response response = large.Send(Post("/", Noise(30 << 20))).Read();
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.at("connection"), "close");
  large.HalfClose();
  EXPECT_TRUE(large.AtEnd());
}

TEST(RequestBody, ThatStallsEndsWith408) {
  TestServer server(Echo(), {.body_timeout = 60ms});
  Client client = server.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 50\r\n\r\nhello");
  EXPECT_EQ(client.Read().status, 408);
}

TEST(RequestBody, ThatDripsEndsWith408) {
  TestServer server(Echo(), {.body_timeout = 100ms});
  Client client = server.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
  std::thread dripper([&] {  // a byte each 5 ms is never silent for 100 ms, but never done either
    for (int i = 0; i < 100; ++i) {
      client.Send("x");
      std::this_thread::sleep_for(5ms);
    }
  });
  EXPECT_EQ(client.Read().status, 408);
  dripper.join();
}

TEST(RequestBody, CutByTheClientIsReportedAsItsLeaving) {
  std::promise<ErrorCode> code;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    const auto body = co_await exchange->ReadBody();
    code.set_value(body.ok() ? ErrorCode::kInternal : body.error().code);
    exchange->Abort();
  });
  Client client = server.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 50\r\n\r\nhello");
  client.Close();
  EXPECT_EQ(code.get_future().get(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace patchbay::net
