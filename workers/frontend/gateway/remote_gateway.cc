#include "workers/frontend/gateway/remote_gateway.h"

#include <string>
#include <string_view>
#include <utility>

#include "lib/log/log.h"
#include "lib/pki/authority.h"
#include "lib/rpc/introspection/introspection.h"
#include "lib/rpc/server.h"
#include "workers/frontend/gateway/http_relay_service.h"

namespace patchbay::frontend {

class RemoteGateway::Impl {
 public:
  Impl(rpc::Reactor& r, async::TimeSource& t, const std::filesystem::path& state_dir, const GatewayCallers& callers,
       GatewayCalls& calls, ModelCatalog& models)
      : files(state_dir), clients(files.clients), service(callers, calls, models), reactor(r), time(t) {}

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

  // kFailedPrecondition: without certificates that can be used.
  Result<void> Serve() {
    rpc::Server::Tls tls;
    tls.files = {files.authority, files.server, files.server};
    // First: a server that was begun for nothing is not had back.
    RETURN_IF_ERROR(rpc::CheckTlsFiles(tls.files));
    tls.judge = [this](std::string_view pem) { return Judge(pem); };
    tls.connections_max = connections_max;
    auto begun = std::make_unique<rpc::Server>(reactor, rpc::Role::kNone);
    begun->UseTls(std::move(tls));
    service.RegisterOn(*begun);
    relay->RegisterOn(*begun);
    auto looks = std::make_unique<rpc::Introspection>(*begun);
    RETURN_IF_ERROR(begun->Start(listeners));
    server = std::move(begun);
    introspection = std::move(looks);
    introspection->SetServing(true);
    return {};
  }

  void Try() {
    const Result<void> served = Serve();
    if (served.ok()) {
      if (!why.empty()) log::Info("gateway.served");
      return;
    }
    const bool said = std::exchange(why, served.error().message) == served.error().message;
    if (!said) log::Error("gateway.not_served", {{"setting", "gateway.listen"}, {"error", why}});
    // Whatever else it is, gRPC will not have it the next time either.
    if (served.error().code != ErrorCode::kFailedPrecondition) return;
    next_try = time.After(kTryAgain, [this] { Try(); });
  }

  const pki::Files files;
  pki::ClientList clients;
  GatewayService service;
  rpc::Reactor& reactor;
  async::TimeSource& time;
  std::vector<int> listeners;
  std::size_t connections_max = 0;
  HttpRelayService* relay = nullptr;
  std::string why;  // nobody is served, as it was said last
  std::unique_ptr<async::TimeSource::Timer> next_try;
  std::unique_ptr<rpc::Server> server;  // null: nobody is served over TCP
  std::unique_ptr<rpc::Introspection> introspection;
};

RemoteGateway::RemoteGateway(rpc::Reactor& reactor, async::TimeSource& time, const std::filesystem::path& state_dir,
                             const GatewayCallers& callers, GatewayCalls& calls, ModelCatalog& models)
    : impl_(std::make_unique<Impl>(reactor, time, state_dir, callers, calls, models)) {}
RemoteGateway::~RemoteGateway() = default;

void RemoteGateway::Start(std::vector<int> listeners, std::size_t connections_max, HttpRelayService& relay) {
  if (listeners.empty()) return;
  impl_->listeners = std::move(listeners);
  impl_->connections_max = connections_max;
  impl_->relay = &relay;
  impl_->Try();
}

void RemoteGateway::SetConnectionsMax(std::size_t connections_max) {
  impl_->connections_max = connections_max;
  if (impl_->server != nullptr) impl_->server->SetConnectionsMax(connections_max);
}

Awaitable<void> RemoteGateway::Drain(std::chrono::milliseconds deadline) {
  impl_->next_try.reset();
  if (impl_->server == nullptr) co_return;
  impl_->introspection->SetServing(false);
  co_await impl_->server->Drain(deadline);
}

bool RemoteGateway::wanted() const { return !impl_->listeners.empty(); }

bool RemoteGateway::serving() const { return impl_->server != nullptr; }

std::int64_t RemoteGateway::connections() const {
  return impl_->server == nullptr ? 0 : static_cast<std::int64_t>(impl_->server->connections());
}

}  // namespace patchbay::frontend
