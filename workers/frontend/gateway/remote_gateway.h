// The gateway's service over mutual TLS, for programs and bridges on other machines: a gRPC server of its own, on
// listening sockets that the supervisor bound, so that callers wait in the backlog while a frontend is replaced.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "workers/frontend/gateway/gateway_service.h"

namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

class HttpRelayService;

class RemoteGateway {
 public:
  // The references outlive this. `state_dir` has the certificates (lib/pki).
  RemoteGateway(rpc::Reactor& reactor, const std::filesystem::path& state_dir, const GatewayCallers& callers,
                GatewayCalls& calls, ModelCatalog& models);
  ~RemoteGateway();

  // Serves the gateway and `relay` to what connects to `listeners`, `connections_max` at once. kFailedPrecondition:
  // without the certificates.
  Result<void> Start(const std::vector<int>& listeners, std::size_t connections_max, HttpRelayService& relay);
  // For connections from now on.
  void SetConnectionsMax(std::size_t connections_max);
  // Tells callers to go to the next process, and returns when their calls have ended or the deadline has come.
  Awaitable<void> Drain(std::chrono::milliseconds deadline);

  std::int64_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
