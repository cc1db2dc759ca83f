#include "lib/net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <vector>

#include "tests/unit/lib/net/harness.h"

namespace patchbay::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HttpServer, AnswersARequest) {
  TestServer server(Echo());
  const Response response = server.Connect().Send(Post("/v1/x?y=1", "hello")).Read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "POST /v1/x hello");
  EXPECT_EQ(response.headers.at("server"), "patchbay");
  EXPECT_THAT(response.headers.at("date"), HasSubstr("GMT"));
  EXPECT_EQ(response.headers.at("content-length"), "16");
  EXPECT_EQ(response.headers.at("content-type"), "text/plain");
  EXPECT_FALSE(response.headers.contains("connection"));
}

TEST(HttpServer, TellsTheHandlerTheWholeHead) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    const HttpRequest& request = exchange->request();
    std::string seen =
        std::string(request.target) + "|" + std::string(request.path) + "|" + std::string(request.query) + "|";
    seen +=
        std::string(request.Find("X-THING").value_or("none")) + "|" + std::to_string(request.FindAll("x-thing").size());
    seen += "|" + std::string(request.remote_address) + "|" + std::to_string(request.version);
    co_await exchange->Respond(200, {}, seen);
  });
  Client client = server.Connect();
  EXPECT_EQ(client.Send(Get("/a/b?c=d?e", "x-thing: one\r\nX-Thing:  two \r\n")).Read().body,
            "/a/b?c=d?e|/a/b|c=d?e|one|2|127.0.0.1|11");
  EXPECT_EQ(client.Send(Get("http://test/p?q")).Read().body, "http://test/p?q|/p|q|none|0|127.0.0.1|11");
  EXPECT_EQ(client.Send(Get("http://test")).Read().body, "http://test|/||none|0|127.0.0.1|11");
  EXPECT_EQ(client.Send(Get("*")).Read().body, "*|*||none|0|127.0.0.1|11");
}

TEST(HttpServer, KeepsAConnectionForManyRequests) {
  TestServer server(Echo());
  Client client = server.Connect();
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_EQ(client.Send(Post("/" + number, number)).Read().body, "POST /" + number + " " + number);
  }
  EXPECT_EQ(server.stats().accepted_total, 1u);
  EXPECT_EQ(server.stats().requests_total, 100u);
}

TEST(HttpServer, AcceptsARequestInSingleBytes) {
  TestServer server(Echo());
  Client client = server.Connect();
  for (int round = 0; round < 2; ++round) {
    for (const char c : Post("/slow", "body")) client.Send({&c, 1});
    EXPECT_EQ(client.Read().body, "POST /slow body");
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrderOneAtATime) {
  int running = 0;
  bool overlapped = false;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    overlapped = overlapped || running > 0;
    ++running;
    const auto body = co_await exchange->ReadBody();
    asio::steady_timer timer(co_await boost::asio::this_coro::executor, 2ms);
    co_await timer.async_wait(boost::asio::use_awaitable);
    --running;
    co_await exchange->Respond(200, {}, std::string(exchange->request().path) + *body);
  });
  std::string burst;
  for (int i = 0; i < 20; ++i) burst += Post("/" + std::to_string(i), ":" + std::string(i, 'x'));
  Client client = server.Connect();
  client.Send(burst);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(client.Read().body, "/" + std::to_string(i) + ":" + std::string(i, 'x'));
  EXPECT_FALSE(overlapped);
}

TEST(HttpServer, AnswersMorePipelinedBytesThanItReadsAhead) {
  TestServer server(Echo(), {.pipelined_bytes = 1024});
  std::string burst;
  for (int i = 0; i < 200; ++i) burst += Post("/p", std::string(500, 'a'));
  Client client = server.Connect();
  std::thread writer([&] { client.Send(burst); });
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.Read().body.size(), 508u);
  writer.join();
}

TEST(HttpServer, ClosesWhenEitherSideAsksForIt) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    HttpHeaders headers;
    if (exchange->request().path == "/close") headers.emplace_back("Connection", "close");
    co_await exchange->Respond(200, std::move(headers), "x");
  });
  Client by_client = server.Connect();
  EXPECT_EQ(by_client.Send(Get("/", "Connection: close\r\n")).Read().headers.at("connection"), "close");
  EXPECT_TRUE(by_client.AtEnd());
  Client by_handler = server.Connect();
  EXPECT_EQ(by_handler.Send(Get("/close")).Read().headers.at("connection"), "close");
  EXPECT_TRUE(by_handler.AtEnd());
}

TEST(HttpServer, SpeaksHttp10) {
  TestServer server(Echo());
  Client once = server.Connect();
  EXPECT_EQ(once.Send("GET /old HTTP/1.0\r\n\r\n").Read().body, "GET /old ");
  EXPECT_TRUE(once.AtEnd());
  Client kept = server.Connect();
  for (int i = 0; i < 3; ++i) {
    const Response response = kept.Send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").Read();
    EXPECT_EQ(response.headers.at("connection"), "keep-alive");
    EXPECT_EQ(response.body, "GET /old ");
  }
}

TEST(HttpServer, SendsNoBodyToHead) {
  TestServer server(Echo());
  Client client = server.Connect();
  const Response response = client.Send("HEAD /h HTTP/1.1\r\nHost: t\r\n\r\n").Read(true);
  EXPECT_EQ(response.headers.at("content-length"), "8");
  EXPECT_EQ(client.Send(Get("/next")).Read().body, "GET /next ");
}

TEST(HttpServer, SendsNoBodyWithA204) {
  TestServer server(
      [](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> { co_await exchange->Respond(204, {}, "never"); });
  Client client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    const Response response = client.Send(Get("/")).Read();
    EXPECT_EQ(response.status, 204);
    EXPECT_FALSE(response.headers.contains("content-length"));
  }
}

TEST(HttpServer, RefusesMalformedRequests) {
  TestServer server(Echo());
  struct Case {
    const char* request;
    int status;
  };
  const Case cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: t\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: t\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", 400},
      {"\r\n\r\n\r\n\r\n\r\n\r\n", 400},
  };
  for (const Case& test : cases) {
    Client client = server.Connect();
    const Response response = client.Send(test.request).Read();
    EXPECT_EQ(response.status, test.status) << test.request;
    EXPECT_EQ(response.headers.at("connection"), "close") << test.request;
    client.HalfClose();
    EXPECT_TRUE(client.AtEnd());
  }
  EXPECT_EQ(server.stats().requests_total, 0u);
}

TEST(HttpServer, RefusesEveryAmbiguityAboutABodysEnd) {
  TestServer server(Echo());
  struct Case {
    const char* headers;
    int status;
  };
  const Case cases[] = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: -1\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 99999999999999999999\r\n", 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: xchunked\r\n", 501},
      {"Transfer-Encoding: identity\r\n", 501},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding\r\n : chunked\r\n", 400},
  };
  for (const Case& test : cases) {
    Client client = server.Connect();
    client.Send("POST / HTTP/1.1\r\nHost: t\r\n" + std::string(test.headers) +
                "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n");
    const Response response = client.Read();
    EXPECT_EQ(response.status, test.status) << test.headers;
    client.HalfClose();
    EXPECT_TRUE(client.AtEnd()) << test.headers;
  }
  Client old = server.Connect();
  EXPECT_EQ(old.Send("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").Read().status, 400);
  EXPECT_EQ(server.stats().requests_total, 0u);
}

TEST(HttpServer, RefusesAHeadOverItsBound) {
  TestServer server(Echo());
  Client fits = server.Connect();
  EXPECT_EQ(fits.Send(Get("/", "X: " + std::string(65000, 'a') + "\r\n")).Read().status, 200);
  Client whole = server.Connect();
  EXPECT_EQ(whole.Send(Get("/", "X: " + std::string(66000, 'a') + "\r\n")).Read().status, 431);
  Client endless = server.Connect();
  endless.Send("GET /" + std::string(300000, 'a'));
  EXPECT_EQ(endless.Read().status, 431);
  std::string many;
  for (int i = 0; i < 400; ++i) many += "a: b\r\n";
  EXPECT_EQ(server.Connect().Send(Get("/", many)).Read().status, 431);
}

TEST(HttpServer, EndsASlowHeadWith408) {
  TestServer server(Echo(), {.head_timeout = 80ms});
  Client dripping = server.Connect();
  dripping.Send("GET / HTTP/1.1\r\nHost: t\r\nX: ");
  const Response response = dripping.Read();
  EXPECT_EQ(response.status, 408);
  Client silent = server.Connect();
  EXPECT_TRUE(silent.AtEnd());
  EXPECT_GE(server.stats().timeouts_total, 2u);
}

TEST(HttpServer, AppliesTheHeadTimeoutToLaterRequestsToo) {
  TestServer server(Echo(), {.head_timeout = 80ms, .idle_timeout = 60s});
  Client client = server.Connect();
  EXPECT_EQ(client.Send(Get("/")).Read().status, 200);
  client.Send("GET / HT");
  EXPECT_EQ(client.Read().status, 408);
}

TEST(HttpServer, ClosesIdleConnections) {
  TestServer server(Echo(), {.idle_timeout = 50ms});
  Client client = server.Connect();
  EXPECT_EQ(client.Send(Get("/")).Read().status, 200);
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpServer, GivesItsOwnErrorsTheOwnersShape) {
  TestServer server(Echo(), {}, [](int status, std::string_view message) {
    return ErrorBody{"application/json", "{\"error\":\"" + std::to_string(status) + " " + std::string(message) + "\"}"};
  });
  const Response response = server.Connect().Send("bad\r\n\r\n").Read();
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_THAT(response.body, StartsWith("{\"error\":\"400 "));
}

TEST(HttpServer, Answers500ForAHandlerThatThrowsOrSaysNothing) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    if (exchange->request().path == "/throw") throw std::runtime_error("secret detail");
    co_return;
  });
  Client client = server.Connect();
  const Response thrown = client.Send(Get("/throw")).Read();
  EXPECT_EQ(thrown.status, 500);
  EXPECT_THAT(thrown.body, testing::Not(HasSubstr("secret")));
  EXPECT_EQ(client.Send(Get("/silent")).Read().status, 500);
}

TEST(HttpServer, LetsNoControlCharacterIntoItsHeaders) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    HttpHeaders headers = {{"X-Up", "a\r\nInjected: 1"}, {"Content-Length", "999"}, {"Date", "never"}};
    co_await exchange->Respond(200, std::move(headers), "x");
  });
  const Response response = server.Connect().Send(Get("/")).Read();
  EXPECT_FALSE(response.headers.contains("injected"));
  EXPECT_EQ(response.headers.at("x-up"), "a  Injected: 1");
  EXPECT_EQ(response.headers.at("content-length"), "1");
  EXPECT_THAT(response.headers.at("date"), HasSubstr("GMT"));
}

TEST(HttpServer, RefusesToListenOnWhatIsNoListeningSocket) {
  TestServer server(Echo());
  server.OnServer([](HttpServer& http) { EXPECT_FALSE(http.Listen(STDIN_FILENO).ok()); });
}

}  // namespace
}  // namespace patchbay::net
