// Refuses what a web page in the operator's own browser should not be able to send us: requests under a
// foreign name (DNS rebinding) and requests from foreign pages. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/net/http_message.h"
#include "lib/net/listen_address.h"

namespace patchbay::net {

struct HostGuardOptions {
  std::vector<ListenAddress> listen = {};
  // Further names for us: "gateway.example", "gateway.example:8080" (then only with that port),
  // "*.example" (any name below it), "*" (no check).
  std::vector<std::string> allowed_hosts = {};
  // Pages that may call us: "https://app.example", "http://localhost:*" (any port), "app://*" (any host
  // of that scheme), "null", "*" (no check).
  std::vector<std::string> allowed_origins = {};
  // The settings that let more through, as the refusals name them.
  std::string hosts_setting = "allowed_hosts";
  std::string origins_setting = "allowed_origins";
};

class HostGuard {
 public:
  explicit HostGuard(HostGuardOptions options) : options_(std::move(options)) {}

  // kPermissionDenied when the request's Host or Origin is not acceptable.
  //   Host: loopback, an address we listen on, or an allowed name. When we listen on every interface, any IP address:
  //   a name can be made to point anywhere by its owner, an address cannot. No Host at all (HTTP/1.0) comes from no
  //   browser. Origin: none (not a page, or the page's own GET), the origin that Host names, or an allowed one.
  Result<void> Check(const HttpRequest& request) const;

  // The request's Origin when it is there and acceptable: the value for Access-Control-Allow-Origin.
  std::optional<std::string_view> AllowedOrigin(const HttpRequest& request) const;

 private:
  bool HostAllowed(std::string_view host) const;
  bool OriginAllowed(std::string_view origin, std::string_view host) const;

  HostGuardOptions options_;
};

}  // namespace patchbay::net
