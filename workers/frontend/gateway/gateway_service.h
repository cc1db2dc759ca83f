// patchbay.gateway.v1.Gateway: the gateway in canonical form, over gRPC.
#pragma once

#include <memory>

#include "workers/frontend/gateway/caller.h"
#include "workers/frontend/gateway/gateway_calls.h"
#include "workers/frontend/models/catalog.h"

namespace patchbay::rpc {
class Server;
struct CallInfo;
}  // namespace patchbay::rpc

namespace patchbay::frontend {

// Who called, as GatewayCallers wants it.
GatewayPeer PeerOf(rpc::CallInfo info);

class GatewayService {
 public:
  // The references outlive the service.
  GatewayService(const GatewayCallers& callers, GatewayCalls& calls, ModelCatalog& models);
  ~GatewayService();

  // On one server; another one wants a service of its own.
  void RegisterOn(rpc::Server& server);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
