// Plays plans on sockets: HTTP/1.1 over TCP or TLS, one thread, one coroutine per connection.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "tests/sim/provider.h"

namespace patchbay::sim {

class ConnectionTable;

struct ServerOptions {
  std::size_t body_bytes_max = 64 * 1024 * 1024;
  std::chrono::milliseconds idle_timeout{120'000};  // of a kept-alive connection
};

// What the connections share; outlives them.
struct Shared {
  ServerOptions options;
  Stats& stats;
  Holds& holds;
};

class Server {
 public:
  Server(boost::asio::io_context& io, Shared& shared);
  ~Server();

  // Serves on `address` ("127.0.0.1:0", "[::1]:0"), with TLS when a context is given; returns the port. The handler and
  // the context must outlive the server.
  Result<std::uint16_t> Listen(const std::string& address, Handler& handler, boost::asio::ssl::context* tls);

 private:
  boost::asio::io_context& io_;
  Shared& shared_;
  std::shared_ptr<ConnectionTable> table_;
};

}  // namespace patchbay::sim
