// Where to listen: "HOST:PORT", "[v6]:PORT", ":PORT"; and the bound sockets themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace patchbay::net {

struct ListenAddress {
  std::string host;  // an IP address or "localhost"; empty means every interface
  std::uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "*:8080" and ":8080" (every interface). Other names are refused:
// which of its addresses would be meant is not ours to guess.
Result<ListenAddress> ParseListenAddress(std::string_view text);
std::string FormatListenAddress(const ListenAddress& address);

// Whether only this machine can reach it.
bool IsLoopback(const ListenAddress& address);
// The same of a host as it stands in a URL or a Host header: "localhost", "127.0.0.5", "::1", "[::1]".
bool IsLoopbackHost(std::string_view host);

inline constexpr int kListenBacklog = 1024;

// A bound, listening TCP socket: non-blocking, close-on-exec, SO_REUSEADDR. Every interface means IPv6 and IPv4 in one.
// kUnavailable when the address is in use, kPermissionDenied for a privileged port.
Result<int> BindTcpListener(const ListenAddress& address);

// The real address of a bound socket: port 0 becomes the port that the kernel chose.
Result<ListenAddress> BoundAddress(int fd);

}  // namespace patchbay::net
