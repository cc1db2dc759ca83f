// Requests over a pool of connections to a LocalServer, one whole RoundTrip at a time.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/workers/upstream/local_server.h"
#include "workers/upstream/transport/http1/round_trip.h"

namespace patchbay::upstream::testing {

struct Reply {
  bool started = false;
  ResponseHead head;
  std::string body;
  std::vector<std::string> pieces;
  ReadStatus end = ReadStatus::kFailed;
  TransportFailure failure;
  bool reused = false;
};

class TransportFixture : public ::testing::Test {
 protected:
  HttpRequest RequestTo(const LocalServer& server, const std::string& body = "hello",
                        const std::string& account = "a") {
    const Url url = ParseUrl(server.url()).value();
    HttpRequest request;
    request.to.authority = url.authority;
    if (url.authority.tls) request.to.tls = TlsContext::Create(server.ca_file()).value();
    request.to.allow_private = true;
    request.to.road = Road::Of(account, "").value();
    request.head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n";
    request.body = body;
    request.timeouts = {std::chrono::seconds(10), std::chrono::seconds(10), std::chrono::seconds(10),
                        SteadyTime::max()};
    return request;
  }

  Awaitable<void> Run(HttpRequest request, Reply& reply) {
    RoundTrip trip(pool_);
    current_ = &trip;
    reply.started = co_await trip.Start(std::move(request));
    std::string piece;
    while (reply.started && (reply.end = co_await trip.Read(piece)) == ReadStatus::kData) {
      reply.body += piece;
      reply.pieces.push_back(piece);
      if (on_piece_) on_piece_(piece);
    }
    reply.head = trip.head();
    reply.failure = trip.failure();
    reply.reused = trip.connection_reused();
    current_ = nullptr;
  }

  Reply Do(HttpRequest request) {
    Reply reply;
    io_.restart();
    bool done = false;
    asio::co_spawn(io_, Run(std::move(request), reply), [&](std::exception_ptr error) {
      done = true;
      if (error) std::rethrow_exception(error);
    });
    while (!done) io_.run_one();
    return reply;
  }

  asio::io_context io_{1};
  std::shared_ptr<ConnectionPool> pool_ = [this] {
    auto pool = ConnectionPool::Create(io_.get_executor());
    pool->SetLimits({.idle_per_key = 8, .idle_timeout = std::chrono::seconds(55)});
    return pool;
  }();
  RoundTrip* current_ = nullptr;
  std::function<void(const std::string&)> on_piece_;
};

}  // namespace patchbay::upstream::testing
