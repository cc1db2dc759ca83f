// A provider's base URL, taken apart: http or https, a host, a port, a path. No user info, no query.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::upstream {

// Where to connect.
struct Authority {
  bool tls = true;
  std::string host;  // lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;

  // As a Host header wants it: without the scheme's own port.
  std::string HostHeader() const;
  bool operator==(const Authority&) const = default;
};

struct Url {
  Authority authority;
  std::string path;  // "" or "/…", without a slash at its end
};

Result<Url> ParseUrl(std::string_view text);

}  // namespace patchbay::upstream
