#include "workers/frontend/gateway/remote_gateway.h"

#include <string>
#include <string_view>
#include <utility>

#include "lib/pki/authority.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/server.h"
#include "workers/frontend/gateway/http_relay_service.h"

namespace patchbay::frontend {

class RemoteGateway::Impl {
 public:
  Impl(rpc::Reactor& reactor, const std::filesystem::path& state_dir, const GatewayCallers& callers,
       GatewayCalls& calls, ModelCatalog& models)
      : files(state_dir), clients(files.clients), service(callers, calls, models), reactor(reactor) {}

  // Who a certificate is for: what it says, as long as it stands on the list.
  Result<rpc::RoleClaim> Judge(std::string_view pem) {
    ASSIGN_OR_RETURN(const pki::CertificateFacts facts, pki::ReadCertificate(pem));
    // A connection may be older than the end of what let it in.
    if (facts.expires_at <= std::chrono::system_clock::now()) {
      return Error(ErrorCode::kUnauthenticated, "the certificate has expired");
    }
    ASSIGN_OR_RETURN(pki::Identity identity, pki::ParseUri(facts.uri));
    RETURN_IF_ERROR(clients.Check(identity, facts.serial));
    return rpc::RoleClaim{.role = identity.role, .worker = std::move(identity.name), .generation = 0};
  }

  const pki::Files files;
  pki::ClientList clients;
  GatewayService service;
  rpc::Reactor& reactor;
  std::unique_ptr<rpc::Server> server;  // null: nobody is served over TCP
  std::unique_ptr<rpc::Introspection> introspection;
};

RemoteGateway::RemoteGateway(rpc::Reactor& reactor, const std::filesystem::path& state_dir,
                             const GatewayCallers& callers, GatewayCalls& calls, ModelCatalog& models)
    : impl_(std::make_unique<Impl>(reactor, state_dir, callers, calls, models)) {}
RemoteGateway::~RemoteGateway() = default;

Result<void> RemoteGateway::Start(const std::vector<int>& listeners, std::size_t connections_max,
                                  HttpRelayService& relay) {
  if (listeners.empty()) return {};
  Impl* const impl = impl_.get();
  rpc::Server::Tls tls;
  tls.files = {impl->files.authority, impl->files.server, impl->files.server};
  tls.judge = [impl](std::string_view pem) { return impl->Judge(pem); };
  tls.connections_max = connections_max;
  impl->server = std::make_unique<rpc::Server>(impl->reactor, rpc::Role::kNone);
  impl->server->UseTls(std::move(tls));
  impl->service.RegisterOn(*impl->server);
  relay.RegisterOn(*impl->server);
  impl->introspection = std::make_unique<rpc::Introspection>(*impl->server);
  if (auto started = impl->server->Start(listeners); !started.ok()) {
    return std::move(started).error().At("gateway.listen");
  }
  impl->introspection->SetServing(true);
  return {};
}

void RemoteGateway::SetConnectionsMax(std::size_t connections_max) {
  if (impl_->server != nullptr) impl_->server->SetConnectionsMax(connections_max);
}

Awaitable<void> RemoteGateway::Drain(std::chrono::milliseconds deadline) {
  if (impl_->server == nullptr) co_return;
  impl_->introspection->SetServing(false);
  co_await impl_->server->Drain(deadline);
}

std::int64_t RemoteGateway::connections() const {
  return impl_->server == nullptr ? 0 : static_cast<std::int64_t>(impl_->server->connections());
}

}  // namespace patchbay::frontend
