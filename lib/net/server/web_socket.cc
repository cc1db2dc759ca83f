#include "lib/net/server/web_socket.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <utility>

#include "lib/net/server/response_head.h"

namespace patchbay::net::server {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// For the handshake, and for the client's answer to our goodbye.
constexpr std::chrono::seconds kHandshakeTimeout{5};
// A message is read, and counted, in pieces of this size.
constexpr std::size_t kReadBytes = std::size_t{64} << 10;
// RFC 6455 §7.4.1; 1013 of the registry that it made.
constexpr int kUnsupportedData = 1003;
constexpr int kTryAgainLater = 1013;
constexpr std::size_t kMaxReasonBytes = 123;  // of a close frame

beast::string_view View(std::string_view text) { return {text.data(), text.size()}; }

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol>;
using TlsSocket = asio::ssl::stream<Socket>;

// `Stream` is the socket, or TLS over it.
template <class Stream>
class BeastWebSocket final : public WebSocket, public std::enable_shared_from_this<BeastWebSocket<Stream>> {
 public:
  template <class... Lower>
  explicit BeastWebSocket(WebSocketOptions options, Lower&&... lower)
      : ws_(std::forward<Lower>(lower)...), options_(std::move(options)) {
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = kHandshakeTimeout;
    timeouts.idle_timeout = options_.ping_timeout;
    timeouts.keep_alive_pings = true;
    ws_.set_option(timeouts);
    // Compression is declined. Clients sit on the same machine or network, where it costs CPU and 300 KB for each
    // socket and saves nothing.
    ws_.set_option(websocket::permessage_deflate{});
    ws_.read_message_max(options_.message_bytes);
    ws_.auto_fragment(false);
    ws_.text(true);
  }

  Awaitable<bool> Accept(const HttpRequest& request, HttpHeaders headers) {
    const auto self = this->shared_from_this();
    beast::http::request<beast::http::empty_body> head;
    head.method_string(View(request.method));
    head.target(View(request.target));
    head.version(request.version);
    for (const HttpHeader& header : request.headers) head.insert(View(header.name), View(header.value));
    ws_.set_option(websocket::stream_base::decorator([own = std::move(headers)](websocket::response_type& response) {
      response.set(beast::http::field::server, View(kServerName));
      for (const auto& [name, value] : own) response.insert(name, value);
    }));
    const auto [error] = co_await ws_.async_accept(head, kAwait);
    if (error) Abort();
    co_return !error;
  }

  Awaitable<WebSocketMessage> Read() override {
    const auto self = this->shared_from_this();
    WebSocketMessage message;
    message.held = ByteBudget::Share(options_.budget);
    auto buffer = asio::dynamic_buffer(message.text);
    do {
      const auto [error, bytes] = co_await ws_.async_read_some(buffer, kReadBytes, kAwait);
      if (error) co_return WebSocketMessage();
      if (message.held.Grow(bytes)) continue;
      co_await Close(kTryAgainLater, "the gateway holds too much already");
      co_return WebSocketMessage();
    } while (!ws_.is_message_done());
    if (!ws_.got_text()) {
      co_await Close(kUnsupportedData, "text messages only");
      co_return WebSocketMessage();
    }
    message.closed = false;
    co_return message;
  }

  Awaitable<bool> Write(std::string text) override {
    const auto self = this->shared_from_this();
    const auto [error, bytes] = co_await ws_.async_write(asio::buffer(text), kAwait);
    co_return !error;
  }

  Awaitable<void> Close(int code, std::string reason) override {
    const auto self = this->shared_from_this();
    if (std::exchange(closing_, true)) co_return;
    if (reason.size() > kMaxReasonBytes) reason.resize(kMaxReasonBytes);
    const websocket::close_reason why(static_cast<websocket::close_code>(code), reason);
    co_await ws_.async_close(why, kAwait);
    Abort();
  }

  void Abort() override {
    boost::system::error_code ignored;
    beast::get_lowest_layer(ws_).close(ignored);
  }

 private:
  websocket::stream<Stream> ws_;
  const WebSocketOptions options_;
  bool closing_ = false;
};

template <class Stream>
Awaitable<std::shared_ptr<WebSocket>> Accepted(std::shared_ptr<BeastWebSocket<Stream>> socket,
                                               const HttpRequest& request, HttpHeaders headers) {
  const bool accepted = co_await socket->Accept(request, std::move(headers));
  std::shared_ptr<WebSocket> result;
  if (accepted) result = std::move(socket);
  co_return result;
}

}  // namespace

Awaitable<std::shared_ptr<WebSocket>> AcceptWebSocket(asio::io_context& io, UpgradedConnection connection,
                                                      const HttpRequest& request, HttpHeaders headers,
                                                      WebSocketOptions options) {
  int family = AF_INET;
  socklen_t size = sizeof family;
  ::getsockopt(connection.fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
  Socket socket(io.get_executor(), asio::generic::stream_protocol(family, 0), connection.fd);
  if (!connection.tls) {
    auto plain = std::make_shared<BeastWebSocket<Socket>>(std::move(options), std::move(socket));
    return Accepted(std::move(plain), request, std::move(headers));
  }
  // From here on Asio moves the session's bytes; what the session has read already stays with it.
  auto tls =
      std::make_shared<BeastWebSocket<TlsSocket>>(std::move(options), std::move(socket), connection.tls->Release());
  return Accepted(std::move(tls), request, std::move(headers));
}

}  // namespace patchbay::net::server
