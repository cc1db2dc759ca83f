// The Ollama bridge: Ollama's HTTP on one side, the gateway's gRPC on the other.
//
// Ollama has no authentication, so the guard on Host and Origin is what keeps web pages out; who may use the models is
// decided by the gateway, which knows this process by its role.
#pragma once

#include <memory>
#include <string>

#include "lib/net/host_guard.h"
#include "lib/net/http_server.h"
#include "lib/rpc/reactor.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"

namespace patchbay::ollama {

class Server {
 public:
  Server(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> gateway, net::HostGuard guard, std::string version);

  // Serves on a listening socket that it takes over.
  Result<void> Listen(int fd) { return http_.Listen(fd); }
  void SetVersion(std::string version) { version_ = std::move(version); }
  Awaitable<void> Drain() { return http_.Drain(); }
  net::HttpServerStats stats() const { return http_.stats(); }

 private:
  Awaitable<void> Handle(std::shared_ptr<net::HttpExchange> exchange);
  Awaitable<bool> AnswerTags(std::shared_ptr<net::HttpExchange> exchange);
  Awaitable<bool> Answer(std::shared_ptr<net::HttpExchange> exchange, int status, std::string content_type,
                         std::string body);

  rpc::Reactor& reactor_;
  std::unique_ptr<gateway::v1::Gateway::Stub> gateway_;
  net::HostGuard guard_;
  std::string version_;
  net::HttpServer http_;
};

}  // namespace patchbay::ollama
