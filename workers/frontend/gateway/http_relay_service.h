// patchbay.gateway.v1.Relay: the frontend's HTTP dialects over gRPC.
#pragma once

#include <functional>
#include <memory>

#include "workers/frontend/gateway/caller.h"
#include "workers/frontend/gateway/http_relay.h"

namespace patchbay::rpc {
class Server;
}

namespace patchbay::frontend {

class BridgedCalls;

class HttpRelayService {
 public:
  // Answers an exchange in the name of the key, unless the request itself shows another.
  using Handle = std::function<Awaitable<void>(std::shared_ptr<net::HttpExchange>, ClientKey)>;

  // For one server. `callers`, `time` and `bridged` outlive it; `bridged` may be null: nobody can record.
  HttpRelayService(asio::any_io_executor executor, async::TimeSource& time, const GatewayCallers& callers,
                   Handle handle, const net::HttpLimits& limits, BridgedCalls* bridged = nullptr);
  ~HttpRelayService();

  void RegisterOn(rpc::Server& server);
  // For exchanges from now on.
  void SetLimits(const net::HttpLimits& limits);
  // Returns when no exchange runs any more.
  Awaitable<void> Drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patchbay::frontend
