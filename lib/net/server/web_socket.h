// The server's end of a WebSocket, on a connection that was HTTP until now. Internal to lib/net; Beast stays in the
// .cc.
#pragma once

#include <memory>

#include "lib/async/asio.h"
#include "lib/net/http_message.h"
#include "lib/net/server/tls_session.h"
#include "lib/net/web_socket.h"

namespace patchbay::net::server {

struct UpgradedConnection {
  int fd = -1;                      // owned by whoever takes it
  std::unique_ptr<TlsSession> tls;  // null: in clear
};

// Takes over the connection, answers `request` with 101 and `headers`, or with an error when it is no valid upgrade.
// Null: no socket has come of it, and the connection is closed. Awaited where it is called, so its references hold.
Awaitable<std::shared_ptr<WebSocket>> AcceptWebSocket(asio::io_context& io, UpgradedConnection connection,
                                                      const HttpRequest& request, HttpHeaders headers,
                                                      WebSocketOptions options);

}  // namespace patchbay::net::server
