#include "workers/frontend/settings.h"

#include <utility>

#include "lib/time/proto_time.h"
#include "lib/worker/http_limits.h"

namespace patchbay::frontend {
namespace {

SocketSettings SocketSettingsOf(const config::v1::WebSocket& sockets) {
  return {.enabled = sockets.enabled(),
          .connections = static_cast<std::size_t>(sockets.connections()),
          .connections_per_key = static_cast<std::size_t>(sockets.connections_per_key()),
          .buffered_bytes = sockets.buffered_bytes(),
          .ping_timeout = ToMilliseconds(sockets.ping_timeout()),
          .idle_timeout = ToMilliseconds(sockets.idle_timeout()),
          .lifetime = ToMilliseconds(sockets.lifetime())};
}

// Of the frontend's own section, and of those in its map.
template <class Section>
ListenerSettings ListenerFrom(std::string name, std::string setting, const Section& section) {
  ListenerSettings listener;
  listener.name = std::move(name);
  listener.setting = std::move(setting);
  listener.tls = {.certificate = section.tls().certificate(),
                  .key = section.tls().key(),
                  .client_ca = section.tls().client_ca(),
                  .only_1_3 = section.tls().min_version() == "1.3"};
  listener.require_key = section.require_key();
  listener.allowed_hosts.assign(section.allowed_hosts().begin(), section.allowed_hosts().end());
  listener.allowed_origins.assign(section.allowed_origins().begin(), section.allowed_origins().end());
  return listener;
}

}  // namespace

Settings SettingsFrom(const config::v1::Config& config) {
  const auto& frontend = config.frontend();
  std::vector<ListenerSettings> listeners = {ListenerFrom("http", "frontend", frontend)};
  for (const auto& [name, listener] : frontend.listeners())
    listeners.push_back(ListenerFrom("http-" + name, "frontend.listeners." + name, listener));
  return {.http = worker::HttpLimitsFrom(frontend.limits()),
          .total_timeout = ToMilliseconds(frontend.limits().total_timeout()),
          .heartbeat = ToMilliseconds(frontend.heartbeat()),
          .queue_wait = ToMilliseconds(config.accounts().queue_wait()),
          .listeners = std::move(listeners),
          .sockets = SocketSettingsOf(frontend.websocket()),
          .gateway_connections = static_cast<std::size_t>(config.gateway().connections()),
          .quota_view = config.accounts().quota().view()};
}

}  // namespace patchbay::frontend
