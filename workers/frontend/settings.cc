#include "workers/frontend/settings.h"

#include "lib/time/proto_time.h"

namespace patchbay::frontend {
namespace {

void Take(bool present, const google::protobuf::Duration& from, std::chrono::milliseconds& to) {
  if (present) to = ToMilliseconds(from);
}

}  // namespace

Settings SettingsFrom(const config::v1::Config& config) {
  Settings settings;
  const auto& frontend = config.frontend();
  const auto& limits = frontend.limits();
  if (limits.body_bytes() > 0) settings.http.body_bytes = limits.body_bytes();
  if (limits.connections() > 0) settings.http.connections = static_cast<std::size_t>(limits.connections());
  Take(limits.has_head_timeout(), limits.head_timeout(), settings.http.head_timeout);
  Take(limits.has_body_timeout(), limits.body_timeout(), settings.http.body_timeout);
  Take(limits.has_idle_timeout(), limits.idle_timeout(), settings.http.idle_timeout);
  Take(limits.has_write_timeout(), limits.write_timeout(), settings.http.write_timeout);
  Take(limits.has_total_timeout(), limits.total_timeout(), settings.total_timeout);
  Take(frontend.has_heartbeat(), frontend.heartbeat(), settings.heartbeat);
  if (settings.heartbeat.count() > 0) settings.quiet_commit = settings.heartbeat;
  if (!frontend.image_model().empty()) settings.image_model = frontend.image_model();
  const auto& stored = frontend.stored_responses();
  // Zero is a word here: nothing is kept.
  if (frontend.has_stored_responses()) settings.stored_responses.bytes = stored.memory();
  Take(stored.has_max_age(), stored.max_age(), settings.stored_responses.max_age);
  Take(config.accounts().has_queue_wait(), config.accounts().queue_wait(), settings.queue_wait);
  if (frontend.has_websocket()) {
    const auto& sockets = frontend.websocket();
    settings.sockets.enabled = sockets.enabled();
    if (sockets.connections() > 0) settings.sockets.connections = static_cast<std::size_t>(sockets.connections());
    if (sockets.connections_per_key() > 0)
      settings.sockets.connections_per_key = static_cast<std::size_t>(sockets.connections_per_key());
    if (sockets.buffered_bytes() > 0) settings.sockets.buffered_bytes = sockets.buffered_bytes();
    Take(sockets.has_ping_timeout(), sockets.ping_timeout(), settings.sockets.ping_timeout);
    Take(sockets.has_idle_timeout(), sockets.idle_timeout(), settings.sockets.idle_timeout);
    Take(sockets.has_lifetime(), sockets.lifetime(), settings.sockets.lifetime);
  }
  settings.listen = frontend.listen();
  settings.allowed_hosts.assign(frontend.allowed_hosts().begin(), frontend.allowed_hosts().end());
  settings.allowed_origins.assign(frontend.allowed_origins().begin(), frontend.allowed_origins().end());
  return settings;
}

}  // namespace patchbay::frontend
