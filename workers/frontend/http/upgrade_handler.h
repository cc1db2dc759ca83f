// Upgrades to WebSocket: handed to responses_socket/, or declined in the words of the path's dialect.
#pragma once

#include "workers/frontend/http/request.h"
#include "workers/frontend/responses_socket/socket_server.h"

namespace patchbay::frontend {

class UpgradeHandler {
 public:
  // `sockets` outlives the handler and its requests. Null: every upgrade is declined.
  explicit UpgradeHandler(SocketServer* sockets) : sockets_(sockets) {}

  Awaitable<void> Handle(Request& request);

 private:
  SocketServer* sockets_;
};

}  // namespace patchbay::frontend
