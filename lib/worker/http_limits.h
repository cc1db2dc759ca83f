// What clients may cost a worker that serves them HTTP: the section frontend.limits, which the bridge goes by too.
#pragma once

#include "lib/net/http_server.h"
#include "lib/time/proto_time.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::worker {

inline net::HttpLimits HttpLimitsFrom(const config::v1::FrontendLimits& limits) {
  net::HttpLimits http;
  http.body_bytes = limits.body_bytes();
  http.connections = static_cast<std::size_t>(limits.connections());
  http.head_timeout = ToMilliseconds(limits.head_timeout());
  http.body_timeout = ToMilliseconds(limits.body_timeout());
  http.idle_timeout = ToMilliseconds(limits.idle_timeout());
  http.write_timeout = ToMilliseconds(limits.write_timeout());
  http.handshake_timeout = ToMilliseconds(limits.handshake_timeout());
  http.handshakes = static_cast<std::size_t>(limits.handshakes());
  return http;
}

}  // namespace patchbay::worker
