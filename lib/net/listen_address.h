// The listening sockets of an address, and whether only this machine can reach it.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "lib/wire/listen_address.h"

namespace patchbay::net {

using wire::FormatListenAddress;
using wire::IsLoopbackHost;
using wire::ListenAddress;
using wire::ParseListenAddress;
using wire::ParseListenAddressOrPath;

// Whether only this machine can reach it.
bool IsLoopback(const ListenAddress& address);

// Connects that wait while a worker restarts. The kernel takes at most net.core.somaxconn, 4096 unless somebody changed
// it.
inline constexpr int kListenBacklog = 4096;

// A bound, listening TCP socket: non-blocking, close-on-exec, SO_REUSEADDR. Every interface means IPv6 and IPv4 in one.
// kUnavailable when the address is in use, kPermissionDenied for a privileged port.
Result<int> BindTcpListener(const ListenAddress& address);

// The same for a Unix socket, whose file gets `mode`. A file that a dead process left behind is replaced. kUnavailable
// when a living one listens there, kFailedPrecondition when the file is not a socket.
Result<int> BindUnixListener(const ListenAddress& address, unsigned mode);

// The real address of a bound socket: port 0 becomes the port that the kernel chose.
Result<ListenAddress> BoundAddress(int fd);

}  // namespace patchbay::net
