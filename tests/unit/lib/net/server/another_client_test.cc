// The server as a client sees it that shares none of our reading of the RFCs: cpp-httplib.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/lib/net/harness.h"

namespace patchbay::net {
namespace {

using namespace std::chrono_literals;

httplib::Client ClientOf(const TestServer& server) {
  httplib::Client client("127.0.0.1", server.port());
  client.set_connection_timeout(20s);
  client.set_read_timeout(20s);
  client.set_write_timeout(20s);
  return client;
}

std::string Patterned(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

TEST(AnotherClient, KeepsOneConnectionForManyRequests) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  client.set_keep_alive(true);
  for (int i = 0; i < 50; ++i) {
    const auto result = client.Post("/v1/" + std::to_string(i), "body " + std::to_string(i), "text/plain");
    ASSERT_TRUE(result) << httplib::to_string(result.error());
    EXPECT_EQ(result->status, 200);
    EXPECT_EQ(result->body, "POST /v1/" + std::to_string(i) + " body " + std::to_string(i));
  }
  EXPECT_EQ(server.stats().accepted_total, 1u);
}

TEST(AnotherClient, GetsAFreshConnectionWhenItAsksForNone) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  for (int i = 0; i < 3; ++i) {
    const auto result = client.Get("/", {{"Connection", "close"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->get_header_value("Connection"), "close");
  }
  EXPECT_EQ(server.stats().accepted_total, 3u);
}

TEST(AnotherClient, SendsABodyInChunks) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  const std::string whole = Patterned(300'000);
  std::size_t sent = 0;
  const auto result = client.Post(
      "/chunks",
      [&](std::size_t, httplib::DataSink& sink) {
        const std::size_t piece = std::min<std::size_t>(whole.size() - sent, 1 + sent % 7001);
        sink.write(whole.data() + sent, piece);
        sent += piece;
        if (sent == whole.size()) sink.done();
        return true;
      },
      "application/octet-stream");
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_EQ(result->body, "POST /chunks " + whole);
}

TEST(AnotherClient, ReadsAStreamPieceByPieceAsItComes) {
  TestServer server([](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    HttpHeaders headers = {{"Content-Type", "text/event-stream"}};
    co_await exchange->StartStream(200, std::move(headers));
    for (int i = 0; i < 100; ++i) co_await exchange->Write("data: " + std::to_string(i) + "\n\n");
    co_await exchange->FinishStream("data: [DONE]\n\n");
  });
  auto client = ClientOf(server);
  client.set_keep_alive(true);
  std::string got;
  std::string type;
  const auto result = client.Get(
      "/events",
      [&](const httplib::Response& head) {
        type = head.get_header_value("Content-Type");
        return true;
      },
      [&](const char* data, std::size_t size) {
        got.append(data, size);
        return true;
      });
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_EQ(type, "text/event-stream");
  EXPECT_EQ(std::count(got.begin(), got.end(), ':'), 101);
  EXPECT_THAT(got, ::testing::EndsWith("data: 99\n\ndata: [DONE]\n\n"));
  EXPECT_EQ(client.Get("/again")->status, 200) << "the connection goes on behind a stream";
  EXPECT_EQ(server.stats().accepted_total, 1u);
}

TEST(AnotherClient, MovesLargeBodiesBothWays) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  const std::string whole = Patterned(std::size_t{12} << 20);
  const auto result = client.Post("/large", whole, "application/octet-stream");
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_TRUE(result->body == "POST /large " + whole) << "of " << result->body.size() << " bytes";
}

TEST(AnotherClient, SendsItsBodyCompressed) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  client.set_compress(true);
  const std::string whole = Patterned(200'000);
  const auto result = client.Post("/gzip", whole, "text/plain");
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_TRUE(result->body == "POST /gzip " + whole) << result->body.substr(0, 100);
}

TEST(AnotherClient, GetsAHeadWithoutABody) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  client.set_keep_alive(true);
  const auto head = client.Head("/x");
  ASSERT_TRUE(head) << httplib::to_string(head.error());
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->get_header_value("Content-Length"), std::to_string(std::string("HEAD /x ").size()));
  EXPECT_EQ(client.Get("/y")->body, "GET /y ") << "the connection is where it should be";
  EXPECT_EQ(server.stats().accepted_total, 1u);
}

TEST(AnotherClient, UnderstandsEveryMethod) {
  TestServer server(Echo());
  auto client = ClientOf(server);
  EXPECT_EQ(client.Put("/p", "x", "text/plain")->body, "PUT /p x");
  EXPECT_EQ(client.Patch("/p", "x", "text/plain")->body, "PATCH /p x");
  EXPECT_EQ(client.Delete("/p")->body, "DELETE /p ");
  EXPECT_EQ(client.Options("/p")->body, "OPTIONS /p ");
}

TEST(AnotherClient, ReadsTheServersRefusals) {
  TestServer server(Echo(), {.header_bytes = 4096, .body_bytes = 1000, .body_timeout = 100ms});
  EXPECT_EQ(ClientOf(server).Post("/", std::string(1001, 'x'), "text/plain")->status, 413);
  EXPECT_EQ(ClientOf(server).Get("/", {{"X-Long", std::string(5000, 'x')}})->status, 431);
  EXPECT_EQ(ClientOf(server).Post("/", {{"Content-Encoding", "br"}}, "x", "text/plain")->status, 415);
  EXPECT_EQ(ClientOf(server).Post("/", {{"Content-Encoding", "gzip"}}, "not gzip", "text/plain")->status, 400);
}

TEST(AnotherClient, IsToldThatItsBodyCameTooSlowly) {
  TestServer server(Echo(), {.body_timeout = 50ms});
  const auto result = ClientOf(server).Post(
      "/slow", 100,
      [&](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        while (offset > 0 && server.stats().timeouts_total == 0) std::this_thread::yield();
        return sink.write("x", offset == 0 ? 1 : std::min<std::size_t>(length, 1));
      },
      "text/plain");
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_EQ(result->status, 408);
}

TEST(AnotherClient, IsOneOfManyAtOnce) {
  TestServer server(Echo());
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      auto client = ClientOf(server);
      client.set_keep_alive(true);
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(t * 1000 + i);
        const auto result = client.Post("/t", body, "text/plain");
        if (result && result->body == "POST /t " + body) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
  EXPECT_EQ(server.stats().accepted_total, 8u);
}

}  // namespace
}  // namespace patchbay::net
