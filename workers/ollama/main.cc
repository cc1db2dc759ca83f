// The Ollama bridge: speaks Ollama's HTTP on port 11434 and the gateway's gRPC behind it. Runs under the supervisor, or
// alone with --gateway.
#include "lib/config/fields.h"
#include "lib/net/listen_address.h"
#include "lib/worker/sandbox.h"
#include "lib/worker/worker.h"
#include "workers/ollama/server.h"

namespace patchbay::ollama {
namespace {

Result<void> Build(worker::Runtime& runtime) {
  const std::vector<int> listeners = runtime.listeners("ollama");
  net::HostGuardOptions guard;
  // What Ollama itself allows besides loopback pages (client-protocols §F.2).
  guard.allowed_origins = {
      "http://localhost:*", "https://localhost:*", "http://127.0.0.1:*", "https://127.0.0.1:*", "app://*",
      "file://*",           "tauri://*",           "vscode-webview://*", "vscode-file://*"};
  for (const int fd : listeners) {
    ASSIGN_OR_RETURN(auto address, net::BoundAddress(fd));
    guard.listen.push_back(std::move(address));
  }
  Server& server =
      runtime.Own(std::make_unique<Server>(runtime.reactor(), runtime.channel("frontend"),
                                           net::HostGuard(std::move(guard)), runtime.config().ollama().version()));
  for (const int fd : listeners) RETURN_IF_ERROR(server.Listen(fd));

  runtime.OnDrain([&server] { return server.Drain(); });
  runtime.OnConfiguration([&server](const config::v1::Config& config) -> worker::Taken {
    server.SetVersion(config.ollama().version());
    return {};
  });
  runtime.OnStats([&server]() -> std::map<std::string, std::int64_t> {
    const net::HttpServerStats stats = server.stats();
    return {{"in_flight", static_cast<std::int64_t>(stats.in_flight)},
            {"served_total", static_cast<std::int64_t>(stats.requests_total)},
            {"connections", static_cast<std::int64_t>(stats.connections)}};
  });
  return worker::ForbidOutboundInternet();
}

}  // namespace
}  // namespace patchbay::ollama

int main(int argc, char** argv) {
  patchbay::config::v1::Ollama defaults;
  patchbay::config::FillDefaults(defaults);
  patchbay::worker::Options options;
  options.name = "ollama";
  options.standalone =
      patchbay::worker::Standalone{.peer_role = "frontend", .listener = "ollama", .default_listen = defaults.listen()};
  return patchbay::worker::Main(argc, argv, std::move(options), patchbay::ollama::Build);
}
