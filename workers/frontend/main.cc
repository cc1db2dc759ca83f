// The frontend worker: clients' HTTP on one side, accounts and upstream on the other.
#include <memory>

#include "lib/log/log.h"
#include "lib/net/http_server.h"
#include "lib/net/listen_address.h"
#include "lib/rpc/server.h"
#include "lib/time/proto_time.h"
#include "lib/worker/sandbox.h"
#include "lib/worker/worker.h"
#include "workers/frontend/gateway/gateway_service.h"
#include "workers/frontend/gateway/http_relay_service.h"
#include "workers/frontend/gateway/remote_gateway.h"
#include "workers/frontend/http/bare_error.h"
#include "workers/frontend/http/server.h"
#include "workers/frontend/peers/grpc_callers.h"
#include "workers/frontend/peers/readiness.h"
#include "workers/frontend/peers/watcher.h"
#include "workers/frontend/recorder/recorder_service.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {
namespace {

// How long a drained frontend waits for the acknowledgement of its last settlements.
constexpr std::chrono::milliseconds kSettleWait{5'000};

std::map<std::string, std::int64_t> StatsOf(const net::HttpServerStats& http, const Server& server,
                                            const GatewayCalls& gateway, const SocketServer& sockets,
                                            const LeaseClient& leases, const RemoteGateway& remote) {
  std::map<std::string, std::int64_t> stats = {
      {"in_flight", static_cast<std::int64_t>(http.in_flight) + gateway.in_flight()},
      {"served_total", static_cast<std::int64_t>(server.served_total()) + gateway.served_total()},
      {"connections", static_cast<std::int64_t>(http.connections)},
      {"tls_handshakes_total", static_cast<std::int64_t>(http.handshakes_total)},
      {"tls_handshake_failures_total", static_cast<std::int64_t>(http.handshake_failures_total)},
      {"gateway_connections", remote.connections()},
      {"sockets_open", static_cast<std::int64_t>(sockets.open())},
      {"socket_turns_total", static_cast<std::int64_t>(sockets.turns_total())},
      {"leases_open", static_cast<std::int64_t>(leases.open_leases())},
      {"settlements_unacknowledged", static_cast<std::int64_t>(leases.unacknowledged())}};
  if (remote.wanted()) stats["gateway_serving"] = remote.serving() ? 1 : 0;
  return stats;
}

// The sockets that were passed down, of those that the configuration names. One that it has only had since a reload is
// opened when patchbayd starts again.
std::vector<Listeners::Open> OpenListeners(const worker::Runtime& runtime, const Settings& settings) {
  std::vector<Listeners::Open> open;
  for (const ListenerSettings& listener : settings.listeners) {
    Listeners::Open socket{listener.name, {}};
    for (const int fd : runtime.listeners(listener.name)) {
      if (auto address = net::BoundAddress(fd); address.ok()) socket.addresses.push_back(std::move(*address));
    }
    if (socket.addresses.empty()) {
      log::Warn("listen.missing", {{"listener", listener.name}});
    } else {
      open.push_back(std::move(socket));
    }
  }
  return open;
}

Result<void> Listen(const worker::Runtime& runtime, const Listeners& listeners, net::HttpServer& http) {
  if (listeners.size() == 0) return Error(ErrorCode::kFailedPrecondition, "no listening socket was passed down");
  for (std::size_t id = 0; id < listeners.size(); ++id) {
    for (const int fd : runtime.listeners(listeners.name(id)))
      RETURN_IF_ERROR(http.Listen(fd, {id, listeners.tls(id)}));
  }
  return {};
}

Result<void> Build(worker::Runtime& runtime) {
  const Settings settings = SettingsFrom(runtime.config());
  const auto accounts = runtime.channel("accounts"), upstream = runtime.channel("upstream");
  const auto executor = runtime.io().get_executor();
  const auto own = [&runtime](auto object) -> auto& { return runtime.Own(std::move(object)); };

  auto& time = own(std::make_unique<async::LoopTime>(runtime.io()));
  auto& dialects = own(std::make_unique<Dialects>(time));
  dialects.Configure(runtime.config().frontend());
  auto& auth = own(std::make_unique<ClientAuth>(executor, time));
  auto& keys = own(std::make_unique<KeyWatcher>(runtime.reactor(), accounts, auth));
  auto& models = own(std::make_unique<ModelCatalog>(executor, ModelResolveOf(runtime.reactor(), accounts)));
  auto& lists = own(std::make_unique<ModelWatcher>(runtime.reactor(), accounts, models));
  auto& quotas = own(std::make_unique<ClientQuotas>());
  quotas.SetDefaultView(settings.quota_view);
  auto& pools = own(std::make_unique<QuotaWatcher>(runtime.reactor(), accounts, quotas));
  auto& leases = own(std::make_unique<LeaseClient>(executor, LeaseStreamOf(runtime.reactor(), accounts)));
  auto& engine = own(std::make_unique<Engine>(time, leases, own(UpstreamCallerOf(runtime.reactor(), upstream))));
  auto& recorder = own(std::make_unique<Recorder>(runtime.io(), time));
  auto& sockets =
      own(std::make_unique<SocketServer>(runtime.io(), leases, own(SocketCallerOf(runtime.reactor(), upstream)), engine,
                                         time, quotas, &recorder, settings));
  auto& listeners = own(std::make_unique<Listeners>(OpenListeners(runtime, settings)));
  RETURN_IF_ERROR(listeners.Apply(settings.listeners));
  const Server::Parts parts{time,     dialects,  engine, auth,
                            models,   listeners, quotas, CallersUsageOf(runtime.reactor(), upstream),
                            &sockets, &recorder};
  auto& server = own(std::make_unique<Server>(
      executor, parts, ReadinessOf(runtime.reactor(), upstream, leases, auth, models), settings));
  auto& http = own(std::make_unique<net::HttpServer>(
      runtime.io(), settings.http,
      [&server](std::shared_ptr<net::HttpExchange> exchange) { return server.Handle(std::move(exchange)); },
      BareErrorOf));
  auto& bridged = own(std::make_unique<BridgedCalls>(recorder));
  auto& gateway = own(std::make_unique<GatewayCalls>(executor, time, engine, settings, &bridged));
  auto& callers = own(std::make_unique<GatewayCallers>(
      [&auth](std::vector<std::string> presented) { return auth.Check(std::move(presented)); }));
  own(std::make_unique<GatewayService>(callers, gateway, models)).RegisterOn(runtime.server());
  const HttpRelayService::Handle answer = [&server](std::shared_ptr<net::HttpExchange> exchange, ClientKey caller) {
    return server.Handle(std::move(exchange), std::move(caller));
  };
  auto& relay = own(std::make_unique<HttpRelayService>(executor, time, callers, answer, settings.http, &bridged));
  relay.RegisterOn(runtime.server());
  auto& remote_relay =
      own(std::make_unique<HttpRelayService>(executor, time, callers, answer, settings.http, &bridged));
  auto& remote =
      own(std::make_unique<RemoteGateway>(runtime.reactor(), time, runtime.state_dir(), callers, gateway, models));
  remote.Start(runtime.listeners("gateway"), settings.gateway_connections, remote_relay);
  own(std::make_unique<RecorderService>(recorder)).RegisterOn(runtime.server());

  runtime.Spawn("client keys", keys.Run());
  runtime.Spawn("models", lists.Run());
  runtime.Spawn("quota", pools.Run());
  runtime.Spawn("leases", leases.Run());
  RETURN_IF_ERROR(Listen(runtime, listeners, http));
  // This process parses what strangers send. Whatever they make of it, it cannot call home.
  RETURN_IF_ERROR(worker::ForbidOutboundInternet());

  runtime.OnDrain([&]() -> Awaitable<void> {
    sockets.Drain();
    co_await http.Drain();
    co_await gateway.Drain();
    co_await relay.Drain();
    co_await remote_relay.Drain();
    co_await leases.WaitSettled(kSettleWait);
    leases.Stop();
    keys.Stop();
    lists.Stop();
    pools.Stop();
  });
  runtime.OnDrain(
      [&remote, &runtime] { return remote.Drain(ToMilliseconds(runtime.config().server().drain_timeout())); });
  runtime.OnConfiguration([&](const config::v1::Config& config) -> Result<worker::Taken> {
    const Settings now = SettingsFrom(config);
    ASSIGN_OR_RETURN(auto new_files, listeners.Apply(now.listeners));
    for (std::size_t id = 0; id < listeners.size(); ++id) http.SetTls(id, listeners.tls(id));
    dialects.Configure(config.frontend());
    http.SetLimits(now.http);
    relay.SetLimits(now.http);
    remote_relay.SetLimits(now.http);
    server.SetSettings(now);
    quotas.SetDefaultView(now.quota_view);
    sockets.SetSettings(now);
    gateway.SetSettings(now);
    remote.SetConnectionsMax(now.gateway_connections);
    return worker::Taken{.new_files = std::move(new_files)};
  });
  runtime.OnStats([&] { return StatsOf(http.stats(), server, gateway, sockets, leases, remote); });
  return {};
}

}  // namespace
}  // namespace patchbay::frontend

int main(int argc, char** argv) {
  return patchbay::worker::Main(argc, argv, {.name = "frontend", .standalone = {}}, patchbay::frontend::Build);
}
