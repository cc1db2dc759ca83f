#include "workers/frontend/settings.h"

#include "lib/time/proto_time.h"

namespace patchbay::frontend {
namespace {

net::HttpLimits HttpLimitsOf(const config::v1::FrontendLimits& limits) {
  net::HttpLimits http;
  http.body_bytes = limits.body_bytes();
  http.connections = static_cast<std::size_t>(limits.connections());
  http.head_timeout = ToMilliseconds(limits.head_timeout());
  http.body_timeout = ToMilliseconds(limits.body_timeout());
  http.idle_timeout = ToMilliseconds(limits.idle_timeout());
  http.write_timeout = ToMilliseconds(limits.write_timeout());
  return http;
}

SocketSettings SocketSettingsOf(const config::v1::WebSocket& sockets) {
  return {.enabled = sockets.enabled(),
          .connections = static_cast<std::size_t>(sockets.connections()),
          .connections_per_key = static_cast<std::size_t>(sockets.connections_per_key()),
          .buffered_bytes = sockets.buffered_bytes(),
          .ping_timeout = ToMilliseconds(sockets.ping_timeout()),
          .idle_timeout = ToMilliseconds(sockets.idle_timeout()),
          .lifetime = ToMilliseconds(sockets.lifetime())};
}

}  // namespace

Settings SettingsFrom(const config::v1::Config& config) {
  const auto& frontend = config.frontend();
  const auto& stored = frontend.stored_responses();
  return {.http = HttpLimitsOf(frontend.limits()),
          .total_timeout = ToMilliseconds(frontend.limits().total_timeout()),
          .heartbeat = ToMilliseconds(frontend.heartbeat()),
          .queue_wait = ToMilliseconds(config.accounts().queue_wait()),
          .stored_responses = {.bytes = stored.memory(), .max_age = ToMilliseconds(stored.max_age())},
          .image_model = frontend.image_model(),
          .allowed_hosts = {frontend.allowed_hosts().begin(), frontend.allowed_hosts().end()},
          .allowed_origins = {frontend.allowed_origins().begin(), frontend.allowed_origins().end()},
          .sockets = SocketSettingsOf(frontend.websocket())};
}

}  // namespace patchbay::frontend
