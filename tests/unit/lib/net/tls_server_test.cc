// The HTTP server behind TLS, with a client that shares only OpenSSL with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <stdexcept>

#include "tests/unit/lib/net/harness.h"
#include "tests/unit/lib/net/tls_pair.h"

namespace patchbay::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::shared_ptr<const TlsContext> Load(const TlsFiles& files) {
  auto loaded = TlsContext::Load(files);
  EXPECT_TRUE(loaded.ok());
  return *loaded;
}

// Answers with the listener's id and whether it came by TLS.
HttpServer::Handler WhichWay() {
  return [](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    const HttpRequest& request = exchange->request();
    std::string answer = std::to_string(request.listener) + (request.secure ? " secure" : " in clear");
    co_await exchange->Respond(200, {}, std::move(answer));
  };
}

TEST(TlsServer, ServesOneRequestAfterAnotherAndTellsByWhichListener) {
  TlsFolder folder;
  TestServer server(WhichWay());
  const int port = server.ListenTls(7, Load(folder.Make("a")));
  for (const bool old : {false, true}) {
    TlsClient client(port, {.only_1_2 = old});
    ASSERT_TRUE(client.connected());
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(client.Send(Get("/")));
      EXPECT_THAT(client.ReadUntil("secure"), EndsWith("7 secure"));
    }
    ASSERT_TRUE(client.Send(Get("/") + Get("/", "Connection: close\r\n")));  // in one record
    const std::string both = client.ReadToEnd();
    EXPECT_NE(both.find("7 secure"), both.rfind("7 secure"));
    EXPECT_TRUE(client.heard_goodbye());
  }
  Client plain = server.Connect();
  EXPECT_EQ(plain.Send(Get("/")).Read().body, "0 in clear");
}

TEST(TlsServer, CarriesLargeBodiesBothWays) {
  TlsFolder folder;
  TestServer server(Echo());
  TlsClient client(server.ListenTls(1, Load(folder.Make("a"))));
  const std::string body(std::size_t{5} << 20, 'x');
  ASSERT_TRUE(client.Send(Post("/big", body)));
  ASSERT_TRUE(client.Send(Get("/", "Connection: close\r\n")));
  const std::string answers = client.ReadToEnd();
  EXPECT_THAT(answers, HasSubstr("POST /big " + body.substr(0, 100)));
  EXPECT_GT(answers.size(), body.size());
  EXPECT_THAT(answers, EndsWith("GET / "));
}

TEST(TlsServer, TellsAClientInClearToUseHttps) {
  TlsFolder folder;
  TestServer server(Echo());
  Client client(server.ListenTls(1, Load(folder.Make("a"))));
  const Response answer = client.Send(Get("/")).Read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("https://"));
  EXPECT_EQ(server.stats().plain_on_tls_total, 1u);
  EXPECT_EQ(server.stats().requests_total, 0u);
}

TEST(TlsServer, EndsAHandshakeWhereNoTlsIsSpoken) {
  TestServer server(Echo());
  const TlsClient client(server.port());
  EXPECT_FALSE(client.connected());
  EXPECT_EQ(server.stats().tls_on_plain_total, 1u);
}

TEST(TlsServer, CutsHandshakesThatAreSlowAndTheOldestOfTooMany) {
  TlsFolder folder;
  HttpLimits limits;
  limits.handshake_timeout = milliseconds(400);
  limits.handshakes = 2;
  TestServer server(Echo(), limits);
  const int port = server.ListenTls(1, Load(folder.Make("a")));
  Client first(port), second(port);
  first.Send("\x16\x03\x01");
  Client third(port);
  EXPECT_TRUE(first.AtEnd());
  TlsClient good(port);
  EXPECT_TRUE(good.connected());
  EXPECT_TRUE(second.AtEnd());
  EXPECT_TRUE(third.AtEnd());
  ASSERT_TRUE(good.Send(Get("/")));
  EXPECT_THAT(good.ReadUntil("GET / "), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(server.stats().handshakes_total, 1u);
  EXPECT_EQ(server.stats().handshake_failures_total, 3u);
  EXPECT_EQ(server.stats().handshakes, 0u);
}

TEST(TlsServer, ShowsAnotherCertificateToNewConnectionsOnly) {
  TlsFolder folder;
  const auto before = Load(folder.Make("before")), after = Load(folder.Make("after"));
  TestServer server(Echo());
  const int port = server.ListenTls(1, before);
  TlsClient open(port);
  server.OnServer([&](HttpServer& http) { http.SetTls(1, after); });
  const TlsClient fresh(port);
  EXPECT_EQ(open.fingerprint(), before->fingerprint());
  EXPECT_EQ(fresh.fingerprint(), after->fingerprint());
  ASSERT_TRUE(open.Send(Get("/")));
  EXPECT_THAT(open.ReadUntil("GET / "), StartsWith("HTTP/1.1 200"));
}

TEST(TlsServer, AsksForACertificateOfItsClientCa) {
  TlsFolder folder;
  const TlsFiles mine = folder.Make("mine"), foreign = folder.Make("foreign");
  TlsFiles files = folder.Make("server");
  files.client_ca = mine.certificate;
  TestServer server(Echo());
  const int port = server.ListenTls(1, Load(files));
  const auto served = [&](const TlsFiles& shows) {
    TlsClient client(port, {.shows = shows});
    client.Send(Get("/", "Connection: close\r\n"));
    return client.ReadToEnd().starts_with("HTTP/1.1 200");
  };
  EXPECT_TRUE(served(mine));
  EXPECT_FALSE(served(foreign));
  EXPECT_FALSE(served({}));
  EXPECT_EQ(server.stats().handshake_failures_total, 2u);
}

TEST(TlsServer, NoticesAClientThatLeavesWhileItsAnswerIsMade) {
  TlsFolder folder;
  std::promise<void> begun, left;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    co_await exchange->StartStream(200, {});
    co_await exchange->Write("begun");
    begun.set_value();
    asio::steady_timer forever(co_await asio::this_coro::executor, std::chrono::seconds(20));
    exchange->OnDisconnect([&] {
      left.set_value();
      forever.cancel();
    });
    boost::system::error_code ignored;
    co_await forever.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  });
  TlsClient client(server.ListenTls(1, Load(folder.Make("a"))));
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_THAT(client.ReadUntil("begun"), HasSubstr("begun"));
  begun.get_future().wait();
  client.Vanish();
  EXPECT_EQ(left.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(TlsServer, CutsAnAnswerWithoutAGoodbye) {
  TlsFolder folder;
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    co_await exchange->StartStream(200, {});
    co_await exchange->Write("a part");
    throw std::runtime_error("in the middle");
  });
  TlsClient client(server.ListenTls(1, Load(folder.Make("a"))));
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\n\r\n"));  // whose answer ends with the connection
  client.ReadToEnd();
  EXPECT_FALSE(client.heard_goodbye()) << "it would take the part for the whole";
}

TEST(TlsServer, DrainsLikeAnyOther) {
  TlsFolder folder;
  TestServer server(Echo());
  TlsClient client(server.ListenTls(1, Load(folder.Make("a"))));
  ASSERT_TRUE(client.Send(Get("/")));
  client.ReadUntil("GET / ");
  const auto drained = server.Drain();
  drained();
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.heard_goodbye());
}

}  // namespace
}  // namespace patchbay::net
