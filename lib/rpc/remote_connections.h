// The TLS connections of a server, each counted once from its accept to its end.
//
//   in its handshake ──a call is let in, or a handshake's time is over──▶ established ──▶ gone
//
// gRPC has a connection from its accept on, and tells neither when its handshake has ended nor when the connection has.
// So it counts as established once a call came by it, and when it is older than gRPC lets a handshake become.
// Strangers, who never get that far, take no room from those who did: of handshakes kHandshakesMax are under way at
// once, and beyond that the oldest is cut, as net::HttpServer does.
//
// A second descriptor of each socket notices its end: gRPC shuts a socket down before it closes it. Single-threaded;
// held by shared_ptr, since what it watches may outlive its server.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string_view>

#include "lib/async/asio.h"
#include "lib/log/seldom.h"

namespace patchbay::rpc {

class RemoteConnections : public std::enable_shared_from_this<RemoteConnections> {
 public:
  static constexpr std::size_t kHandshakesMax = 64;
  // By then gRPC has cut it (server.cc), a handshake that goes on.
  static constexpr std::chrono::milliseconds kHandshakeTimeout{11'000};

  RemoteConnections(asio::io_context& io, std::size_t established_max, std::size_t handshakes_max = kHandshakesMax,
                    std::chrono::milliseconds handshake_timeout = kHandshakeTimeout)
      : io_(io),
        established_max_(established_max),
        handshakes_max_(handshakes_max),
        handshake_timeout_(handshake_timeout) {}

  // For connections that become established from now on.
  void SetMax(std::size_t established_max) { established_max_ = established_max; }
  // Whether a connection that was accepted may stay; then it is counted. One that cannot be watched may not: nobody
  // would count it, nor its end.
  bool Admit(int fd);
  // A call was let in. `peer` is gRPC's name of the other end of its connection.
  void Prove(std::string_view peer);

  std::size_t open() const { return fresh_.size() + established_; }
  std::size_t established() const { return established_; }

 private:
  struct Connection;

  bool Refuse(std::string_view why, int error);
  void Establish(const std::shared_ptr<Connection>& connection);
  void Cut(Connection& connection);
  void CutOldestHandshake();
  void Forget(const std::shared_ptr<Connection>& connection);
  static Awaitable<void> Watch(std::shared_ptr<RemoteConnections> self, std::shared_ptr<Connection> connection);

  asio::io_context& io_;
  std::size_t established_max_;
  const std::size_t handshakes_max_;
  const std::chrono::milliseconds handshake_timeout_;
  std::list<std::shared_ptr<Connection>> fresh_;  // in their handshake, oldest first; those too that were cut just now
  std::size_t cut_ = 0;                           // of these
  std::size_t established_ = 0;
  log::Seldom refusals_;
};

}  // namespace patchbay::rpc
