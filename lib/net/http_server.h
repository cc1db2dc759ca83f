// An HTTP/1.1 server: one thread, one coroutine per connection, handlers that are coroutines.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "lib/net/http_exchange.h"
#include "lib/net/tls_context.h"

namespace patchbay::net {

namespace server {
class State;
}

// What a server bears whose owner says nothing else.
struct HttpLimits {
  std::size_t header_bytes = std::size_t{64} << 10;     // request line and header fields → 431
  std::size_t body_bytes = std::size_t{64} << 20;       // as sent and as decoded → kTooLarge
  std::size_t pipelined_bytes = std::size_t{64} << 10;  // read ahead of the request being handled
  std::size_t connections = 8000;                       // beyond: 503
  std::chrono::milliseconds head_timeout{10'000};       // for a whole head, from its first byte or the accept → 408
  std::chrono::milliseconds body_timeout{60'000};       // without a byte of the body, or for it at a bare minimum rate
  std::chrono::milliseconds idle_timeout{120'000};      // between two requests
  std::chrono::milliseconds write_timeout{120'000};     // without the client taking a byte
  std::chrono::milliseconds handshake_timeout{10'000};  // of TLS, from the accept to its end
  std::size_t handshakes = 256;                         // of TLS, under way at once; beyond, the oldest is cut
};

struct HttpServerStats {
  std::size_t connections = 0;  // open now
  std::size_t in_flight = 0;    // handlers running now
  std::uint64_t accepted_total = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t refused_total = 0;        // 503 for too many connections
  std::uint64_t malformed_total = 0;      // 400, 431, 501 and 505 by the server itself
  std::uint64_t timeouts_total = 0;       // of any of the kinds above
  std::uint64_t accept_pauses_total = 0;  // out of file descriptors or memory
  std::size_t handshakes = 0;             // of TLS, under way now
  std::uint64_t handshakes_total = 0;     // that ended well
  std::uint64_t handshake_failures_total = 0;
  std::uint64_t plain_on_tls_total = 0;  // requests in clear on a TLS listener: 400 with a hint
  std::uint64_t tls_on_plain_total = 0;  // handshakes on a listener that speaks no TLS
};

// Of one listening socket.
struct ListenerOptions {
  std::size_t id = 0;                               // its owner's name for it: HttpRequest::listener
  std::shared_ptr<const TlsContext> tls = nullptr;  // null: plain HTTP
};

// The answers that the server gives by itself (400, 408, 431, 500, 501, 503, 505), in the owner's shape.
struct ErrorBody {
  std::string content_type;
  std::string body;
};
using ErrorBodyFunction = std::function<ErrorBody(int status, std::string_view message)>;

class HttpServer {
 public:
  using Handler = std::function<Awaitable<void>(std::shared_ptr<HttpExchange>)>;

  // An exception that leaves the handler is logged and answered with 500 where that is still possible.
  HttpServer(asio::io_context& io, HttpLimits limits, Handler handler, ErrorBodyFunction error_body = {});
  // Cuts every connection. Their coroutines end when the io_context next runs, or with it.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Serves connections arriving on a listening stream socket (TCP or Unix), which it takes over and makes non-blocking.
  Result<void> Listen(int fd, ListenerOptions options = {});
  // For connections from now on to the listening sockets of that id; those that are open go on as they are.
  void SetTls(std::size_t id, std::shared_ptr<const TlsContext> tls);

  // For connections and requests from now on.
  void SetLimits(const HttpLimits& limits);

  // Stops accepting (other processes on the same listening socket go on), answers what is in flight with
  // `Connection: close`, closes idle connections, and returns when no connection is left. A connection that was in use
  // a moment ago may have its next request on the way, so it is given kDrainIdleGrace before it counts as idle.
  // Bound it from outside: a handler that never ends keeps it waiting.
  Awaitable<void> Drain();
  static constexpr std::chrono::milliseconds kDrainIdleGrace{300};

  HttpServerStats stats() const;

 private:
  std::shared_ptr<server::State> state_;
};

}  // namespace patchbay::net
