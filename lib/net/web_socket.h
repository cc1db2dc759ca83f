// A WebSocket that a client opened (RFC 6455), as whoever serves it sees it. An interface, so that servers are tested
// without sockets. HttpExchange::Upgrade makes one.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "lib/async/asio.h"
#include "lib/net/byte_budget.h"

namespace patchbay::net {

struct WebSocketOptions {
  std::size_t message_bytes = std::size_t{64} << 20;  // of one message; beyond, the socket is closed with 1009
  // A client that answers no ping and sends nothing for this long is gone; pings go out at half of it.
  std::chrono::milliseconds ping_timeout{60'000};
  // What is held of messages counts against this; beyond, the socket is closed with 1013. Null for no bound.
  std::shared_ptr<ByteBudget> budget;
};

struct WebSocketMessage {
  bool closed = true;  // the client has closed or gone, or broke the protocol; nothing follows
  std::string text;
  ByteBudget::Share held;  // of the text, as long as it is kept
};

// Belongs to one thread. One Read and one Write may wait at a time, together; pings are answered while a Read waits.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // One whole text message. A binary one closes the socket (1003), as does text that is no UTF-8 (1007).
  virtual Awaitable<WebSocketMessage> Read() = 0;
  // One text message. Waits while the client does not read. False: it is gone.
  virtual Awaitable<bool> Write(std::string text) = 0;
  // Says goodbye, waits a moment for the client's own, and closes.
  virtual Awaitable<void> Close(int code, std::string reason) = 0;
  // Cuts the connection now; whatever waits returns.
  virtual void Abort() = 0;
};

}  // namespace patchbay::net
