// Servers and their clients in one process, on one reactor, over real Unix sockets.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "lib/base/check.h"
#include "lib/base/random.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/roles.h"
#include "lib/testing/run.h"

namespace patchbay::testing {

// A listening Unix socket, as the supervisor makes it.
struct UnixListener {
  UnixListener() : path("/tmp/pb-rpc-" + RandomId("") + ".sock"), fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    PATCHBAY_CHECK(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 && listen(fd, 64) == 0);
  }
  ~UnixListener() {
    close(fd);
    std::filesystem::remove(path);
  }
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  std::string path;
  int fd;
};

// Everything that both sides need; the servers are the test's own.
class RpcFixture {
 protected:
  explicit RpcFixture(bool threaded = false, std::chrono::milliseconds tick = rpc::Reactor::kTick)
      : reactor_(io_, threaded, tick) {}

  std::shared_ptr<grpc::Channel> ChannelTo(const UnixListener& listener, rpc::Role role) {
    return rpc::MakeChannel("unix:" + listener.path, issuer_->Issue({.role = role, .worker = "w", .generation = 3}));
  }
  std::shared_ptr<grpc::Channel> ChannelAs(rpc::Role role) { return ChannelTo(listener_, role); }

  // Runs the coroutine that `body` makes to its end, on the reactor's thread.
  template <class Body>
  void RunToEnd(Body body) {
    testing::RunToEnd(io_, body());
  }

  UnixListener listener_;
  asio::io_context io_{1};
  rpc::Reactor reactor_;
  std::unique_ptr<rpc::TokenIssuer> issuer_ = rpc::TokenIssuer::Create().value();
  rpc::TokenVerifier verifier_{issuer_->public_key()};
};

}  // namespace patchbay::testing
