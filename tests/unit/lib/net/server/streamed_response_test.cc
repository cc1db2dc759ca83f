// Streamed responses, clients that leave, clients that do not read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <string>

#include "tests/unit/lib/net/harness.h"

namespace patchbay::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

HttpHeaders EventStream() { return {{"Content-Type", "text/event-stream"}}; }

// Streams the path's parts: "/a/b/c" is three writes.
Awaitable<void> StreamPath(std::shared_ptr<HttpExchange> exchange) {
  co_await exchange->StartStream(200, EventStream());
  std::string_view rest = exchange->request().path.substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) break;
    EXPECT_TRUE(co_await exchange->Write(std::string(rest.substr(0, slash))));
    rest.remove_prefix(slash + 1);
  }
  EXPECT_TRUE(co_await exchange->FinishStream(std::string(rest)));
}

// Waits for the client's leaving, at most so long that a test fails instead of hanging.
Awaitable<bool> WaitForDisconnect(std::shared_ptr<HttpExchange> exchange) {
  asio::steady_timer timer(co_await boost::asio::this_coro::executor, 20s);
  bool gone = false;
  exchange->OnDisconnect([&] {
    gone = true;
    timer.cancel();
  });
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  co_return gone;
}

TEST(StreamedResponse, IsChunkedAndKeepsTheConnection) {
  TestServer server(StreamPath);
  Client client = server.Connect();
  for (int i = 0; i < 3; ++i) {
    const Response response = client.Send(Get("/one/two/three")).Read();
    EXPECT_EQ(response.headers.at("transfer-encoding"), "chunked");
    EXPECT_FALSE(response.headers.contains("content-length"));
    EXPECT_EQ(response.body, "onetwothree");
    EXPECT_EQ(response.chunks, 3);
    EXPECT_TRUE(response.complete);
  }
}

TEST(StreamedResponse, OfOneWriteLeavesInOnePiece) {
  TestServer server(StreamPath);
  Client client = server.Connect();
  const std::string bytes = client.Send(Get("/all")).ReadSome();
  EXPECT_THAT(bytes, HasSubstr("\r\n\r\n3\r\nall\r\n0\r\n\r\n"));
}

TEST(StreamedResponse, MayBeEmpty) {
  TestServer server(StreamPath);
  Client client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    const Response response = client.Send(Get("/")).Read();
    EXPECT_TRUE(response.complete);
    EXPECT_EQ(response.body, "");
  }
}

TEST(StreamedResponse, NeverSendsAnEmptyChunkBeforeItsEnd) {
  TestServer server(StreamPath);
  const Response response = server.Connect().Send(Get("///x")).Read();
  EXPECT_EQ(response.body, "x");
}

TEST(StreamedResponse, EndsWithTheConnectionInHttp10) {
  TestServer server(StreamPath);
  Client client = server.Connect();
  const Response response = client.Send("GET /one/two HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").Read();
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_FALSE(response.headers.contains("transfer-encoding"));
  EXPECT_EQ(response.body, "onetwo");
}

TEST(StreamedResponse, ToHeadHasNoBody) {
  TestServer server(StreamPath);
  Client client = server.Connect();
  EXPECT_EQ(client.Send("HEAD /one/two HTTP/1.1\r\nHost: t\r\n\r\n").Read(true).status, 200);
  EXPECT_EQ(client.Send(Get("/next")).Read().body, "next");
}

TEST(StreamedResponse, CanStillBecomeAnErrorBeforeItsFirstByte) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    co_await exchange->StartStream(200, EventStream());
    EXPECT_FALSE(exchange->response_started());
    co_await exchange->Respond(429, {}, "later");
    EXPECT_TRUE(exchange->response_started());
  });
  const Response response = server.Connect().Send(Get("/")).Read();
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, "later");
}

TEST(StreamedResponse, AbortedIsVisiblyIncomplete) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    co_await exchange->StartStream(200, EventStream());
    co_await exchange->Write("part");
    if (exchange->request().path == "/abort") exchange->Abort();
    // "/return" just forgets to finish.
  });
  for (const char* path : {"/abort", "/return"}) {
    const Response response = server.Connect().Send(Get(path)).Read();
    EXPECT_EQ(response.body, "part");
    EXPECT_FALSE(response.complete);
  }
  bool reset = false;
  Client old = server.Connect();
  old.Send("GET /abort HTTP/1.0\r\n\r\n").ReadToEnd(&reset);
  EXPECT_TRUE(reset);
}

TEST(Disconnect, IsToldWhenTheClientCloses) {
  for (const bool with_reset : {false, true}) {
    std::promise<bool> told;
    std::promise<void> started;
    TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
      co_await exchange->ReadBody();
      started.set_value();
      told.set_value(co_await WaitForDisconnect(exchange));
      exchange->Abort();
    });
    Client client = server.Connect();
    client.Send(Post("/", "x"));
    started.get_future().wait();
    with_reset ? client.CloseWithReset() : client.Close();
    EXPECT_TRUE(told.get_future().get());
  }
}

TEST(Disconnect, IsToldWhenTheClientHalfCloses) {
  std::promise<bool> told;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    told.set_value(co_await WaitForDisconnect(exchange));
    exchange->Abort();
  });
  Client client = server.Connect();
  client.Send(Get("/")).HalfClose();
  EXPECT_TRUE(told.get_future().get());
}

TEST(Disconnect, IsToldInTheMiddleOfAStream) {
  std::promise<bool> told;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    co_await exchange->StartStream(200, EventStream());
    co_await exchange->Write("first");
    told.set_value(co_await WaitForDisconnect(exchange));
    for (int i = 0; i < 1000 && co_await exchange->Write("more"); ++i) {
    }
    EXPECT_FALSE(co_await exchange->Write("more"));
  });
  Client client = server.Connect();
  client.Send(Get("/"));
  EXPECT_THAT(client.ReadSome(), HasSubstr("first"));
  client.CloseWithReset();
  EXPECT_TRUE(told.get_future().get());
}

TEST(Disconnect, IsToldBehindPipelinedBytes) {
  std::promise<bool> told;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    told.set_value(co_await WaitForDisconnect(exchange));
    exchange->Abort();
  });
  Client client = server.Connect();
  client.Send(Get("/") + Get("/second"));
  client.Close();
  EXPECT_TRUE(told.get_future().get());
}

TEST(Disconnect, DoesNotKeepAHalfClosedClientFromItsAnswer) {
  TestServer server(Echo());
  Client client = server.Connect();
  client.Send(Post("/a", "1") + Post("/b", "2")).HalfClose();
  EXPECT_EQ(client.Read().body, "POST /a 1");
  EXPECT_EQ(client.Read().body, "POST /b 2");
  EXPECT_TRUE(client.AtEnd());
}

TEST(Disconnect, IsNotToldAfterTheResponse) {
  std::atomic<int> told = 0;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    exchange->OnDisconnect([&] { ++told; });
    co_await exchange->Respond(200, {}, "x");
  });
  {
    Client client = server.Connect();
    client.Send(Get("/")).Read();
  }
  while (server.stats().connections > 0) std::this_thread::yield();
  EXPECT_EQ(told, 0);
}

TEST(SlowReader, EndsTheStreamByTheWriteTimeout) {
  std::promise<std::size_t> written;
  TestServer server(
      [&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
        co_await exchange->StartStream(200, EventStream());
        std::size_t total = 0;
        while (co_await exchange->Write(std::string(1 << 20, 'x'))) total += 1 << 20;
        written.set_value(total);
      },
      {.write_timeout = 100ms});
  Client client = server.Connect(4096);
  client.Send(Get("/"));
  EXPECT_LT(written.get_future().get(), std::size_t{64} << 20);
  while (server.stats().connections > 0) std::this_thread::yield();
  EXPECT_EQ(server.stats().timeouts_total, 1u);
}

TEST(SlowReader, GetsEveryByteWhenItReadsInTheEnd) {
  const std::string big(20 << 20, 'y');
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    co_await exchange->StartStream(200, EventStream());
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await exchange->Write(big));
    EXPECT_TRUE(co_await exchange->FinishStream(big));
  });
  Client client = server.Connect(4096);
  client.Send(Get("/"));
  const Response response = client.Read();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body.size(), 4 * big.size());
}

TEST(Exchange, KeptBeyondItsHandlerSaysThatTheClientIsGone) {
  std::shared_ptr<HttpExchange> kept;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    if (kept) {
      EXPECT_FALSE(co_await kept->Write("late"));
      kept->Abort();
      kept.reset();
    }
    if (exchange->request().path == "/keep") kept = exchange;
    co_await exchange->StartStream(200, {});
    co_await exchange->Write("part");
    if (kept) co_return;  // the stream stays unfinished, so the connection is cut
    co_await exchange->FinishStream("fresh");
  });
  EXPECT_FALSE(server.Connect().Send(Get("/keep")).Read().complete);
  EXPECT_EQ(server.Connect().Send(Get("/")).Read().body, "partfresh");
}

}  // namespace
}  // namespace patchbay::net
