// The frontend's configuration, in the types the code works with.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/net/http_server.h"
#include "patchbay/config/v1/config.pb.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend {

// The Responses API over WebSocket.
struct SocketSettings {
  bool enabled = true;
  std::size_t connections = 1000;
  std::size_t connections_per_key = 100;
  std::size_t buffered_bytes = std::size_t{256} << 20;
  std::chrono::milliseconds ping_timeout{60'000};
  std::chrono::milliseconds idle_timeout{1'800'000};
  std::chrono::milliseconds lifetime{3'600'000};
};

struct Settings {
  net::HttpLimits http;
  std::chrono::milliseconds total_timeout{1'800'000};
  std::chrono::milliseconds heartbeat{15'000};  // 0: none
  // When a silent provider's client is told that it is being served: in time for the first heartbeat. It has a meaning
  // without heartbeats too, and until then the call can be tried elsewhere.
  std::chrono::milliseconds quiet_commit{15'000};
  std::chrono::milliseconds queue_wait{60'000};
  StoredResponses::Limits stored_responses;
  std::string image_model = "gpt-5.5";
  std::string listen;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  SocketSettings sockets;
};

// A value that the configuration leaves unset keeps the default above.
Settings SettingsFrom(const config::v1::Config& config);

}  // namespace patchbay::frontend
