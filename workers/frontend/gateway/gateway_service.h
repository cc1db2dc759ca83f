// patchbay.gateway.v1.Gateway: the gateway in canonical form, over gRPC.
#pragma once

#include <memory>

#include "workers/frontend/gateway/gateway_calls.h"
#include "workers/frontend/models/catalog.h"

namespace patchbay::rpc {
class Server;
}

namespace patchbay::frontend {

class GatewayService {
 public:
  // The references outlive the service.
  GatewayService(GatewayCalls& calls, ModelCatalog& models);
  ~GatewayService();

  void RegisterOn(rpc::Server& server);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
