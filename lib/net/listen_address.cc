#include "lib/net/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lib/base/descriptor.h"

namespace patchbay::net {
namespace {

bool ParseV4(const std::string& host, in_addr& out) { return ::inet_pton(AF_INET, host.c_str(), &out) == 1; }
bool ParseV6(const std::string& host, in6_addr& out) { return ::inet_pton(AF_INET6, host.c_str(), &out) == 1; }

Error BindFailed(const ListenAddress& address, int number) {
  // An address that this machine does not have may come with its network; files and memory may be had again.
  const bool passes = number == EADDRINUSE || number == EADDRNOTAVAIL || number == EMFILE || number == ENFILE ||
                      number == ENOMEM || number == ENOBUFS;
  const ErrorCode code = passes                                ? ErrorCode::kUnavailable
                         : number == EACCES || number == EPERM ? ErrorCode::kPermissionDenied
                                                               : ErrorCode::kInternal;
  return Error(code, "cannot listen on " + FormatListenAddress(address) + ": " + std::strerror(number));
}

// Fills the socket address; gives its size.
socklen_t ToSockaddr(const ListenAddress& address, sockaddr_storage& out) {
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  sockaddr_in v4{};
  if (ParseV4(host, v4.sin_addr)) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&out, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port);
  v6.sin6_addr = in6addr_any;
  if (!host.empty()) ParseV6(host, v6.sin6_addr);
  std::memcpy(&out, &v6, sizeof v6);
  return sizeof v6;
}

sockaddr_un UnixSockaddr(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::memcpy(where.sun_path, path.c_str(), std::min(path.size(), sizeof where.sun_path - 1));
  return where;
}

// Whether a process accepts connections at `path`.
bool SomebodyListens(const std::string& path) {
  const Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un where = UnixSockaddr(path);
  // EAGAIN: its backlog is full, so there is one.
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 || errno == EAGAIN;
}

}  // namespace

bool IsLoopback(const ListenAddress& address) { return IsLoopbackHost(address.host); }

Result<int> BindTcpListener(const ListenAddress& address) {
  sockaddr_storage where{};
  socklen_t size = ToSockaddr(address, where);
  Descriptor fd(::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid() && errno == EAFNOSUPPORT && address.host.empty()) {  // a machine without IPv6
    size = ToSockaddr({.host = "0.0.0.0", .port = address.port}, where);
    fd = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }
  if (!fd.valid()) return BindFailed(address, errno);
  const int on = 1, off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.ss_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, address.host.empty() ? &off : &on, sizeof on);
  }
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), size) != 0 ||
      ::listen(fd.get(), kListenBacklog) != 0) {
    return BindFailed(address, errno);
  }
  return fd.Release();
}

Result<int> BindUnixListener(const ListenAddress& address, unsigned mode) {
  struct stat facts {};
  if (::lstat(address.path.c_str(), &facts) == 0) {
    if (!S_ISSOCK(facts.st_mode)) {
      return Error(ErrorCode::kFailedPrecondition, address.path + " is in the way and is not a socket");
    }
    if (SomebodyListens(address.path)) return BindFailed(address, EADDRINUSE);
    ::unlink(address.path.c_str());  // left behind by a process that is gone
  }
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un where = UnixSockaddr(address.path);
  const mode_t before = ::umask(0777 & ~mode);  // born with it: there is no moment in which others could connect
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where);
  const int number = errno;
  ::umask(before);
  if (bound != 0) return BindFailed(address, number);
  if (::listen(fd.get(), kListenBacklog) != 0) return BindFailed(address, errno);
  return fd.Release();
}

Result<ListenAddress> BoundAddress(int fd) {
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
    return Error(ErrorCode::kInternal, std::string("a socket has no address: ") + std::strerror(errno));
  }
  char text[INET6_ADDRSTRLEN] = "";
  if (where.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &where, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return ListenAddress{.host = text, .port = ntohs(v4.sin_port)};
  }
  if (where.ss_family == AF_UNIX) {
    sockaddr_un local;
    std::memcpy(&local, &where, sizeof local);
    return ListenAddress{.host = {}, .port = 0, .path = local.sun_path};
  }
  if (where.ss_family != AF_INET6)
    return Error(ErrorCode::kInvalidArgument, "the socket is neither a TCP nor a Unix socket");
  sockaddr_in6 v6;
  std::memcpy(&v6, &where, sizeof v6);
  if (IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) return ListenAddress{.host = "", .port = ntohs(v6.sin6_port)};
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return ListenAddress{.host = text, .port = ntohs(v6.sin6_port)};
}

}  // namespace patchbay::net
