// Upgrades to WebSocket: handed to responses_socket/, or declined in the words of the path's dialect.
#pragma once

#include "workers/frontend/http/request.h"
#include "workers/frontend/responses_socket/socket_server.h"

namespace patchbay::frontend {

class UpgradeHandler {
 public:
  // Both outlive the handler and its requests. `sockets` null: every upgrade is declined.
  UpgradeHandler(SocketServer* sockets, const ClientAuth& auth) : sockets_(sockets), auth_(auth) {}

  Awaitable<void> Handle(Request& request);

 private:
  SocketServer* sockets_;
  const ClientAuth& auth_;
};

}  // namespace patchbay::frontend
