// Who calls the gateway's service, and in whose name. No gRPC here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "lib/roster/roster.h"
#include "workers/frontend/http/client_auth.h"

namespace patchbay::frontend {

// What the connection and the metadata of a call say.
struct GatewayPeer {
  roster::Role role = roster::Role::kNone;
  std::string name = {};               // the worker's, or over TLS that of its certificate
  bool remote = false;                 // it came over TLS
  std::string address = {};            // of who came over TLS
  std::vector<std::string> keys = {};  // client keys that it shows
};

// In whose name a call is made, and from where.
struct GatewayCaller {
  ClientKey key;        // of who shows none its own name, which has no terms
  std::string address;  // empty: a Unix socket
};

class GatewayCallers {
 public:
  // The first of the keys that is ours; kUnauthenticated when none is, kUnavailable while none is known.
  using CheckKeys = std::function<Awaitable<Result<ClientKey>>(std::vector<std::string> presented)>;

  explicit GatewayCallers(CheckKeys check) : check_(std::move(check)) {}

  // Whoever shows a key is held to it, also who would not need one: a key that was revoked must not turn into more
  // rights than it had.
  Awaitable<Result<GatewayCaller>> Know(GatewayPeer peer) const;

 private:
  CheckKeys check_;
};

}  // namespace patchbay::frontend
