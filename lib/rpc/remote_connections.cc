#include "lib/rpc/remote_connections.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "lib/async/spawn.h"
#include "lib/base/descriptor.h"
#include "lib/base/on_exit.h"
#include "lib/log/log.h"
#include "lib/rpc/caller_metadata.h"

namespace patchbay::rpc {
namespace {

std::string AddressAndPort(std::string address, std::string_view port) { return address.append(" ").append(port); }

// "192.0.2.7 4711", of the other end; empty when it is gone already.
std::string NameOfOtherEnd(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return AddressAndPort(text, std::to_string(ntohs(v4.sin_port)));
  }
  if (address.ss_family != AF_INET6) return {};
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof(v6));
  // An IPv4 client of a dual-stack socket is an IPv4 client, to gRPC too.
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  }
  return AddressAndPort(text, std::to_string(ntohs(v6.sin6_port)));
}

}  // namespace

struct RemoteConnections::Connection {
  explicit Connection(asio::io_context& io) : watched(io), handshake(io) {}
  asio::posix::stream_descriptor watched;
  asio::steady_timer handshake;  // its time
  std::string name;
  bool established = false;
  bool cut = false;
  bool gone = false;
};

bool RemoteConnections::Admit(int fd) {
  if (established_ >= established_max_) return Refuse("there are enough", 0);
  // They go as soon as gRPC looks at them.
  if (cut_ >= handshakes_max_) return Refuse("too many handshakes were cut just now", 0);
  Descriptor second(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!second.valid()) return Refuse("it cannot be watched", errno);
  auto connection = std::make_shared<Connection>(io_);
  boost::system::error_code error;
  connection->watched.assign(second.get(), error);
  if (error) return Refuse("it cannot be watched", error.value());
  second.Release();
  connection->name = NameOfOtherEnd(fd);
  if (fresh_.size() - cut_ >= handshakes_max_) CutOldestHandshake();
  fresh_.push_back(connection);
  connection->handshake.expires_after(handshake_timeout_);
  connection->handshake.async_wait(
      [self = shared_from_this(), weak = std::weak_ptr(connection)](boost::system::error_code cancelled) {
        const auto aged = weak.lock();
        if (!cancelled && aged) self->Establish(aged);
      });
  async::Spawn(io_, "count connection", Watch(shared_from_this(), std::move(connection)));
  return true;
}

void RemoteConnections::Prove(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  if (fresh_.empty() || colon == std::string_view::npos) return;  // nearly always
  const std::string name = AddressAndPort(AddressOfPeer(peer), peer.substr(colon + 1));
  const auto found =
      std::find_if(fresh_.begin(), fresh_.end(), [&](const auto& connection) { return connection->name == name; });
  if (found != fresh_.end()) Establish(std::shared_ptr<Connection>(*found));
}

bool RemoteConnections::Refuse(std::string_view why, int error) {
  if (const auto left_out = refusals_.May(std::chrono::steady_clock::now())) {
    log::Warn("rpc.connection_refused",
              {{"why", why}, {"errno", error}, {"connections", open()}, {"others_left_out", *left_out}});
  }
  return false;
}

void RemoteConnections::Establish(const std::shared_ptr<Connection>& connection) {
  if (connection->established || connection->cut || connection->gone) return;
  connection->handshake.cancel();
  if (established_ >= established_max_) {
    Refuse("there are enough", 0);
    return Cut(*connection);
  }
  fresh_.remove(connection);
  connection->established = true;
  ++established_;
}

void RemoteConnections::Cut(Connection& connection) {
  connection.cut = true;
  ++cut_;
  shutdown(connection.watched.native_handle(), SHUT_RDWR);
}

void RemoteConnections::CutOldestHandshake() {
  const auto oldest =
      std::find_if(fresh_.begin(), fresh_.end(), [](const auto& connection) { return !connection->cut; });
  if (oldest == fresh_.end()) return;
  Refuse("others in their handshake came after it", 0);
  Cut(**oldest);
}

void RemoteConnections::Forget(const std::shared_ptr<Connection>& connection) {
  connection->gone = true;
  connection->handshake.cancel();
  if (connection->established) {
    --established_;
    return;
  }
  fresh_.remove(connection);
  if (connection->cut) --cut_;
}

Awaitable<void> RemoteConnections::Watch(std::shared_ptr<RemoteConnections> self,
                                         std::shared_ptr<Connection> connection) {
  const OnExit gone([&self, &connection] { self->Forget(connection); });
  for (;;) {
    boost::system::error_code error;
    co_await connection->watched.async_wait(asio::posix::descriptor_base::wait_error,
                                            asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    pollfd look{.fd = connection->watched.native_handle(), .events = 0, .revents = 0};
    if (poll(&look, 1, 0) != 0 && (look.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) co_return;
    // An urgent byte woke it: left there, it would wake it again at once, for ever.
    char urgent = 0;
    (void)recv(connection->watched.native_handle(), &urgent, 1, MSG_OOB | MSG_DONTWAIT);
  }
}

}  // namespace patchbay::rpc
