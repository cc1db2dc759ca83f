// Draining, the connection limit, shortage of descriptors, several listeners.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <vector>

#include "lib/net/listen_address.h"
#include "tests/unit/lib/net/harness.h"

namespace patchbay::net {
namespace {

using namespace std::chrono_literals;

// A handler that streams "first", waits until it is released, and finishes with "last".
struct Gate {
  std::promise<void> entered;
  std::atomic<bool> open = false;

  HttpServer::Handler handler() {
    return [this](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
      co_await exchange->StartStream(200, {});
      co_await exchange->Write("first");
      entered.set_value();
      co_await Opened();
      co_await exchange->FinishStream("last");
    };
  }

  Awaitable<void> Opened() {
    asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    while (!open) {
      timer.expires_after(1ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  }
};

TEST(Drain, FinishesStreamsAndThenReturns) {
  Gate gate;
  TestServer server(gate.handler());
  Client client = server.Connect();
  client.Send(Get("/"));
  gate.entered.get_future().wait();
  const auto drained = server.Drain();
  EXPECT_EQ(server.stats().connections, 1u);
  gate.open = true;
  const Response response = client.Read();
  EXPECT_EQ(response.body, "firstlast");
  EXPECT_TRUE(response.complete);
  EXPECT_TRUE(client.AtEnd());
  drained();
}

TEST(Drain, ClosesIdleConnections) {
  TestServer server(Echo());
  Client used = server.Connect();
  EXPECT_EQ(used.Send(Get("/")).Read().status, 200);
  server.Drain()();
  EXPECT_TRUE(used.AtEnd());
}

TEST(Drain, AnswersTheRequestThatCrossesItAndSaysClose) {
  TestServer server(Echo());
  Client used = server.Connect();
  EXPECT_EQ(used.Send(Get("/")).Read().status, 200);
  Client fresh = server.Connect();
  while (server.stats().connections < 2) std::this_thread::yield();
  const auto drained = server.Drain();
  for (Client* client : {&used, &fresh}) {
    const Response response = client->Send(Post("/crossing", "x")).Read();
    EXPECT_EQ(response.body, "POST /crossing x");
    EXPECT_EQ(response.headers.at("connection"), "close");
    EXPECT_TRUE(client->AtEnd());
  }
  drained();
}

TEST(Drain, LeavesTheListeningSocketToTheNextProcess) {
  const auto fd = BindTcpListener({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(fd.ok());
  const int port = BoundAddress(*fd)->port;
  const int copy = ::dup(*fd);  // as the supervisor and the next generation have it
  TestServer old(Echo());
  old.OnServer([&](HttpServer& http) { EXPECT_TRUE(http.Listen(*fd).ok()); });
  EXPECT_EQ(Client(port).Send(Get("/")).Read().status, 200);
  old.Drain()();
  Client waiting(port);  // queues in the backlog, refused by nobody
  waiting.Send(Get("/next"));
  TestServer next(Echo());
  next.OnServer([&](HttpServer& http) { EXPECT_TRUE(http.Listen(copy).ok()); });
  EXPECT_EQ(waiting.Read().body, "GET /next ");
}

TEST(ConnectionLimit, AnswersWith503Beyond) {
  Gate gate;
  TestServer server(gate.handler(), {.connections = 1}, [](int, std::string_view message) {
    return ErrorBody{"text/plain", std::string(message)};
  });
  Client first = server.Connect();
  first.Send(Get("/"));
  gate.entered.get_future().wait();
  for (int i = 0; i < 100; ++i) {
    const Response response = server.Connect().Send(Get("/")).Read();
    ASSERT_EQ(response.status, 503);
    EXPECT_EQ(response.body, "too many connections");
    EXPECT_EQ(response.headers.at("connection"), "close");
  }
  gate.open = true;
  EXPECT_TRUE(first.Read().complete);
  EXPECT_EQ(server.stats().refused_total, 100u);
}

TEST(ConnectionLimit, CountsOnlyOpenConnections) {
  TestServer server(Echo(), {.connections = 2});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(server.Connect().Send(Get("/", "Connection: close\r\n")).Read().status, 200);
    while (server.stats().connections > 0) std::this_thread::yield();
  }
}

TEST(ConnectionLimit, ManyRefusedAtOnceAreAllAnswered) {
  TestServer server(Echo(), {.connections = 1});
  Client holder = server.Connect();
  EXPECT_EQ(holder.Send(Get("/")).Read().status, 200);
  std::vector<Client> crowd;
  for (int i = 0; i < 150; ++i) crowd.push_back(server.Connect());
  for (Client& client : crowd) {
    EXPECT_EQ(client.Read().status, 503);
    client.Close();
  }
}

TEST(Accept, PausesWithoutDescriptorsAndGoesOnWithThem) {
  TestServer server(Echo());
  Client before = server.Connect();
  EXPECT_EQ(before.Send(Get("/")).Read().status, 200);
  Client waiting = [&] {
    // The client's socket takes the last descriptor that the limit allows; the server finds none.
    rlimit old_limit{};
    ::getrlimit(RLIMIT_NOFILE, &old_limit);
    const int probe = ::dup(0);
    ::close(probe);
    rlimit tight = old_limit;
    tight.rlim_cur = static_cast<rlim_t>(probe) + 1;
    ::setrlimit(RLIMIT_NOFILE, &tight);
    Client client = server.Connect();
    while (server.stats().accept_pauses_total == 0) std::this_thread::yield();
    ::setrlimit(RLIMIT_NOFILE, &old_limit);
    return client;
  }();
  EXPECT_EQ(waiting.Send(Get("/late")).Read().body, "GET /late ");
}

TEST(Limits, CanBeSwappedWhileServing) {
  TestServer server(Echo());
  Client client = server.Connect();
  EXPECT_EQ(client.Send(Post("/", std::string(1000, 'x'))).Read().status, 200);
  server.OnServer([](HttpServer& http) { http.SetLimits({.body_bytes = 100}); });
  EXPECT_EQ(client.Send(Post("/", std::string(1000, 'x'))).Read().status, 413);
}

TEST(Shutdown, CutsWhateverIsOpenAndTellsTheHandler) {
  Gate gate;
  std::promise<bool> delivered;
  TestServer server([&](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    if (exchange->request().path == "/idle") {
      co_await exchange->Respond(200, {}, "");
      co_return;
    }
    co_await exchange->StartStream(200, {});
    co_await exchange->Write("first");
    gate.entered.set_value();
    co_await gate.Opened();
    delivered.set_value(co_await exchange->FinishStream("last"));
  });
  Client idle = server.Connect();
  EXPECT_EQ(idle.Send(Get("/idle")).Read().status, 200);
  Client streaming = server.Connect();
  streaming.Send(Get("/"));
  gate.entered.get_future().wait();
  server.DestroyServer();
  bool reset = false;
  EXPECT_THAT(streaming.ReadToEnd(&reset), ::testing::Not(::testing::HasSubstr("\r\n0\r\n"))) << "not a whole answer";
  EXPECT_TRUE(reset) << "and nobody can take it for one";
  EXPECT_TRUE(idle.AtEnd());
  gate.open = true;
  EXPECT_FALSE(delivered.get_future().get()) << "the handler hears that its client is gone";
}

}  // namespace
}  // namespace patchbay::net
