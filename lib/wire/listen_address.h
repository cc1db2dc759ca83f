// Where to listen, as an operator writes it: "HOST:PORT", "[v6]:PORT", ":PORT", and for some "unix:/PATH". The one
// grammar of the configuration and of the command lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::wire {

struct ListenAddress {
  std::string host;  // an IP address or "localhost"; empty means every interface
  std::uint16_t port = 0;
  std::string path = {};  // of a Unix socket; then there is no host and no port

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "*:8080" and ":8080" (every interface). Other names are refused:
// which of its addresses would be meant is not ours to guess.
Result<ListenAddress> ParseListenAddress(std::string_view text);
// The same, or a Unix socket with its whole path: "unix:/run/patchbay/clients.sock".
Result<ListenAddress> ParseListenAddressOrPath(std::string_view text);
// Whether only this machine can reach that host, as it stands in an address, a URL or a Host header: "localhost",
// "127.0.0.5", "::1", "[::1]".
bool IsLoopbackHost(std::string_view host);
std::string FormatListenAddress(const ListenAddress& address);

}  // namespace patchbay::wire
