// patchbay.gateway.v1.Gateway: the gateway in canonical form, over gRPC, through the same engine as
// every HTTP client.
#pragma once

#include <cstdint>
#include <memory>

#include "lib/async/asio.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/settings.h"

namespace patchbay::rpc {
class Server;
}

namespace patchbay::frontend {

class GatewayService {
 public:
  // The references outlive the service.
  GatewayService(asio::io_context& io, async::TimeSource& time, Engine& engine, ModelCatalog& models,
                 Settings settings);
  ~GatewayService();

  void RegisterOn(rpc::Server& server);
  void SetSettings(Settings settings);
  // Returns when no call runs any more.
  Awaitable<void> Drain();

  std::int64_t in_flight() const;
  std::int64_t served_total() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
