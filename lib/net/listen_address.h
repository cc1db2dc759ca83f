// The listening sockets of an address, and whether only this machine can reach it.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "lib/wire/listen_address.h"

namespace patchbay::net {

using wire::FormatListenAddress;
using wire::ListenAddress;
using wire::ParseListenAddress;

// Whether only this machine can reach it.
bool IsLoopback(const ListenAddress& address);
// The same of a host as it stands in a URL or a Host header: "localhost", "127.0.0.5", "::1", "[::1]".
bool IsLoopbackHost(std::string_view host);

// Connects that wait while a worker restarts. The kernel takes at most net.core.somaxconn, 4096 unless somebody changed
// it.
inline constexpr int kListenBacklog = 4096;

// A bound, listening TCP socket: non-blocking, close-on-exec, SO_REUSEADDR. Every interface means IPv6 and IPv4 in one.
// kUnavailable when the address is in use, kPermissionDenied for a privileged port.
Result<int> BindTcpListener(const ListenAddress& address);

// The real address of a bound socket: port 0 becomes the port that the kernel chose.
Result<ListenAddress> BoundAddress(int fd);

}  // namespace patchbay::net
