// The frontend's configuration, in the types the code works with.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/net/http_server.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::frontend {

// The Responses API over WebSocket.
struct SocketSettings {
  bool enabled = false;
  std::size_t connections = 0;
  std::size_t connections_per_key = 0;
  std::size_t buffered_bytes = 0;
  std::chrono::milliseconds ping_timeout{0};
  std::chrono::milliseconds idle_timeout{0};
  std::chrono::milliseconds lifetime{0};
};

// One listening socket. Its address is not among them: that is the supervisor's, and needs a restart.
struct ListenerSettings {
  std::string name;     // the socket's: "http", "http-lan"
  std::string setting;  // where its section stands: "frontend", "frontend.listeners.lan"
  net::TlsFiles tls;
  bool require_key = true;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
};

struct Settings {
  net::HttpLimits http;
  std::chrono::milliseconds total_timeout{0};
  // Between two signs of life on a silent stream. A silent provider's client is told after the same time that it is
  // being served, in time for the first of them; until then the call can be tried elsewhere.
  std::chrono::milliseconds heartbeat{0};
  std::chrono::milliseconds queue_wait{0};
  std::vector<ListenerSettings> listeners;  // the first, "http", is always there
  SocketSettings sockets;
  std::size_t gateway_connections = 0;  // of the gateway's service over TLS
  std::string quota_view;               // of keys that say nothing themselves
};

// The loader has filled every default in.
Settings SettingsFrom(const config::v1::Config& config);

}  // namespace patchbay::frontend
