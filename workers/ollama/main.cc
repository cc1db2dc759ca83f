// The Ollama bridge: speaks Ollama's HTTP on port 11434 and the gateway's gRPC behind it. Runs under the supervisor, or
// alone with --gateway.
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <map>

#include "lib/async/time_source.h"
#include "lib/config/fields.h"
#include "lib/config/keys.h"
#include "lib/config/layers.h"
#include "lib/net/http_server.h"
#include "lib/net/listen_address.h"
#include "lib/worker/sandbox.h"
#include "lib/worker/worker.h"
#include "patchbay/worker/v1/supervision.pb.h"
#include "workers/ollama/server/gateway_client.h"
#include "workers/ollama/server/reach.h"
#include "workers/ollama/server/server.h"

extern char** environ;

namespace patchbay::ollama {
namespace {

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

// The configuration, with what the environment of a bridge that runs alone says on top: there is no file that it could
// read. A child of the supervisor has no such variables.
Result<config::v1::Config> WithEnvironment(config::v1::Config config) {
  config::Findings findings;
  config::ApplyEnvironment(Environment(), config, findings);
  if (!findings.empty()) return Error(ErrorCode::kInvalidArgument, findings.Text());
  return config;
}

// What a setting points at: the supervisor has read it, or this process may.
Result<Secret> SecretOf(const worker::Runtime& runtime, std::string_view setting, const std::string& reference) {
  if (reference.empty()) return Secret();
  for (const auto& told : runtime.provider_keys()) {
    if (told.provider() == setting) return Secret(told.key());
  }
  return config::ReadReference(reference, Environment());
}

Result<Settings> ReadSettings(const worker::Runtime& runtime, const config::v1::Config& config) {
  ASSIGN_OR_RETURN(Secret token, SecretOf(runtime, "ollama.token", config.ollama().token()));
  ASSIGN_OR_RETURN(Secret key, SecretOf(runtime, "ollama.key", config.ollama().key()));
  return SettingsFrom(config, std::move(token), std::move(key));
}

std::string MachineName() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string();
}

// Whether the gateway is on another machine: then this process has to open connections.
bool DialsOut(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::string_view text(argv[i]);
    if (text == "--gateway" && i + 1 < argc) return !std::string_view(argv[i + 1]).starts_with("unix:");
    constexpr std::string_view kWithValue = "--gateway=";
    if (text.starts_with(kWithValue)) return !text.substr(kWithValue.size()).starts_with("unix:");
  }
  return false;
}

Result<void> Build(worker::Runtime& runtime, bool dials_out) {
  const auto own = [&runtime](auto object) -> auto& { return runtime.Own(std::move(object)); };
  ASSIGN_OR_RETURN(const config::v1::Config config, WithEnvironment(runtime.config()));
  ASSIGN_OR_RETURN(const Settings settings, ReadSettings(runtime, config));
  const std::vector<int> listeners = runtime.listeners("ollama");
  std::vector<net::ListenAddress> addresses;
  for (const int fd : listeners) {
    ASSIGN_OR_RETURN(auto address, net::BoundAddress(fd));
    addresses.push_back(std::move(address));
  }
  auto& reach = own(std::make_unique<Reach>(addresses, config.ollama()));
  RETURN_IF_ERROR(reach.CheckStart(config.ollama()));
  auto& gateway = own(std::make_unique<GatewayClient>(runtime.reactor(), runtime.channel("frontend"), settings.key));
  auto& server = own(std::make_unique<Server>(runtime.clock(), gateway,
                                              Guard(std::move(addresses), MachineName(), settings), settings));
  auto& http = own(std::make_unique<net::HttpServer>(
      runtime.io(), settings.http,
      [&server](std::shared_ptr<net::HttpExchange> exchange) { return server.Handle(std::move(exchange)); },
      [](int, std::string_view message) {
        return net::ErrorBody{kJsonType, EncodeError(message)};
      }));
  for (const int fd : listeners) RETURN_IF_ERROR(http.Listen(fd));

  runtime.OnDrain([&http] { return http.Drain(); });
  runtime.OnConfiguration([&](const config::v1::Config& changed) -> Result<worker::Taken> {
    ASSIGN_OR_RETURN(const config::v1::Config now, WithEnvironment(changed));
    ASSIGN_OR_RETURN(const Settings taken, ReadSettings(runtime, now));
    RETURN_IF_ERROR(reach.CheckReload(now.ollama()));
    server.SetSettings(taken);
    http.SetLimits(taken.http);
    gateway.SetKey(taken.key);
    return worker::Taken{};
  });
  runtime.OnStats([&http]() -> std::map<std::string, std::int64_t> {
    const net::HttpServerStats stats = http.stats();
    return {{"in_flight", static_cast<std::int64_t>(stats.in_flight)},
            {"served_total", static_cast<std::int64_t>(stats.requests_total)},
            {"connections", static_cast<std::int64_t>(stats.connections)}};
  });
  return dials_out ? worker::ForbidListening() : worker::ForbidOutboundInternet();
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
  return patchbay::worker::Main(
      argc, argv, std::move(options),
      [dials_out = patchbay::ollama::DialsOut(argc, argv)](patchbay::worker::Runtime& runtime) {
        return patchbay::ollama::Build(runtime, dials_out);
      });
}
