// The frontend worker: clients' HTTP on one side, accounts and upstream on the other.
#include <memory>

#include "lib/log/log.h"
#include "lib/net/http_server.h"
#include "lib/rpc/server.h"
#include "lib/worker/sandbox.h"
#include "lib/worker/worker.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/gateway/gateway_service.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/http/server.h"
#include "workers/frontend/models/catalog.h"
#include "workers/frontend/peers/lease_client.h"
#include "workers/frontend/peers/peers.h"
#include "workers/frontend/recorder/recorder_service.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {
namespace {

// How long a drained frontend waits for the acknowledgement of its last settlements.
constexpr std::chrono::milliseconds kSettleWait{5'000};

// What the HTTP server says by itself, in the shape that most of our clients read.
net::ErrorBody ErrorBodyFor(int status, std::string_view message) {
  Problem problem(status < 500 ? Problem::Kind::kBadRequest : Problem::Kind::kUnavailable, std::string(message));
  std::string body = R"({"error":)";
  AppendOpenAiError(problem, body);
  return {"application/json", body.append("}")};
}

std::vector<std::string> NeedRestart(const Settings& before, const Settings& now) {
  std::vector<std::string> names;
  if (before.listen != now.listen) names.push_back("frontend.listen");
  return names;
}

Result<void> Build(worker::Runtime& runtime) {
  const Settings settings = SettingsFrom(runtime.config());
  const auto accounts = runtime.channel("accounts");
  const auto upstream = runtime.channel("upstream");

  auto& time = runtime.Own(std::make_unique<async::LoopTime>(runtime.io()));
  auto& auth = runtime.Own(std::make_unique<ClientAuth>(runtime.io().get_executor()));
  auto& keys = runtime.Own(std::make_unique<KeyWatcher>(runtime.reactor(), accounts, auth));
  auto& models = runtime.Own(std::make_unique<ModelCatalog>(
      ModelFetchOf(runtime.reactor(), accounts), ModelResolveOf(runtime.reactor(), accounts), runtime.clock()));
  auto& leases = runtime.Own(
      std::make_unique<LeaseClient>(runtime.io().get_executor(), LeaseStreamOf(runtime.reactor(), accounts)));
  auto& caller = runtime.Own(UpstreamCallerOf(runtime.reactor(), upstream));
  auto& engine = runtime.Own(std::make_unique<Engine>(time, leases, caller));

  const auto readiness = [&runtime, &auth, &leases, &models, accounts,
                          upstream]() -> Awaitable<std::vector<std::string>> {
    std::vector<std::string> reasons;
    if (!co_await IsReachable(runtime.reactor(), upstream)) reasons.push_back("upstream is not reachable");
    if (!leases.connected()) reasons.push_back("accounts is not reachable");
    if (!auth.synced()) {
      reasons.push_back("the client keys are not known yet");
    } else if (auth.size() == 0) {
      reasons.push_back("there is no client key");
    }
    const auto list = co_await models.List();
    if (!list.ok() || list->models_size() == 0) reasons.push_back("no account serves any model");
    co_return reasons;
  };
  auto& server = runtime.Own(std::make_unique<Server>(runtime.io(), engine, auth, models, readiness, time, settings));
  auto& socket_caller = runtime.Own(SocketCallerOf(runtime.reactor(), upstream));
  auto& sockets = runtime.Own(std::make_unique<SocketServer>(runtime.io(), leases, socket_caller, time, settings));
  server.ServeSockets(sockets);
  auto& http = runtime.Own(std::make_unique<net::HttpServer>(
      runtime.io(), settings.http,
      [&server](std::shared_ptr<net::HttpExchange> exchange) { return server.Handle(std::move(exchange)); },
      ErrorBodyFor));
  auto& gateway = runtime.Own(std::make_unique<GatewayService>(runtime.io(), time, engine, models, settings));
  gateway.RegisterOn(runtime.server());
  auto& recorder = runtime.Own(std::make_unique<Recorder>(runtime.io(), runtime.clock()));
  server.SetRecorder(&recorder);
  sockets.SetRecorder(&recorder);
  runtime.Own(std::make_unique<RecorderService>(recorder)).RegisterOn(runtime.server());

  runtime.Spawn("client keys", keys.Run());
  runtime.Spawn("leases", leases.Run());
  const std::vector<int> listeners = runtime.listeners("http");
  if (listeners.empty())
    return Error(ErrorCode::kFailedPrecondition, "no listening socket named \"http\" was passed down");
  for (const int fd : listeners) RETURN_IF_ERROR(http.Listen(fd));
  // This process parses what strangers send. Whatever they make of it, it cannot call home.
  RETURN_IF_ERROR(worker::ForbidOutboundInternet());

  runtime.OnDrain([&]() -> Awaitable<void> {
    sockets.Drain();
    co_await http.Drain();
    co_await gateway.Drain();
    co_await leases.WaitSettled(kSettleWait);
    leases.Stop();
    keys.Stop();
  });
  runtime.OnConfiguration([&, before = settings](const config::v1::Config& config) {
    const Settings now = SettingsFrom(config);
    http.SetLimits(now.http);
    server.SetSettings(now);
    sockets.SetSettings(now);
    gateway.SetSettings(now);
    return NeedRestart(before, now);
  });
  runtime.OnStats([&] {
    const net::HttpServerStats stats = http.stats();
    return std::map<std::string, std::int64_t>{
        {"in_flight", static_cast<std::int64_t>(stats.in_flight) + gateway.in_flight()},
        {"served_total", static_cast<std::int64_t>(server.served_total()) + gateway.served_total()},
        {"connections", static_cast<std::int64_t>(stats.connections)},
        {"sockets_open", static_cast<std::int64_t>(sockets.open())},
        {"socket_turns_total", static_cast<std::int64_t>(sockets.turns_total())},
        {"leases_open", static_cast<std::int64_t>(leases.open_leases())},
        {"settlements_unacknowledged", static_cast<std::int64_t>(leases.unacknowledged())}};
  });
  return {};
}

}  // namespace
}  // namespace patchbay::frontend

int main(int argc, char** argv) {
  return patchbay::worker::Main(argc, argv, {.name = "frontend", .standalone = {}}, patchbay::frontend::Build);
}
