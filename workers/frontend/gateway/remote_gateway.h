// The gateway's service over mutual TLS, for programs and bridges on other machines: a gRPC server of its own, on
// listening sockets that the supervisor bound, so that callers wait in the backlog while a frontend is replaced.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "lib/async/asio.h"
#include "lib/async/time_source.h"
#include "workers/frontend/gateway/gateway_service.h"

namespace patchbay::rpc {
class Reactor;
}

namespace patchbay::frontend {

class HttpRelayService;

class RemoteGateway {
 public:
  // How soon what stood against serving is looked at again.
  static constexpr std::chrono::seconds kTryAgain{10};

  // The references outlive this. `state_dir` has the certificates (lib/pki).
  RemoteGateway(rpc::Reactor& reactor, async::TimeSource& time, const std::filesystem::path& state_dir,
                const GatewayCallers& callers, GatewayCalls& calls, ModelCatalog& models);
  ~RemoteGateway();

  // Serves the gateway and `relay` to what connects to `listeners`, `connections_max` at once. Certificates that cannot
  // be used are logged and looked at again: callers wait in the backlog meanwhile, and HTTP's are none the worse.
  void Start(std::vector<int> listeners, std::size_t connections_max, HttpRelayService& relay);
  // For connections from now on.
  void SetConnectionsMax(std::size_t connections_max);
  // Tells callers to go to the next process, and returns when their calls have ended or the deadline has come.
  Awaitable<void> Drain(std::chrono::milliseconds deadline);

  // There are listeners, and what comes to them is served.
  bool wanted() const;
  bool serving() const;
  std::int64_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
