// A server and its clients in one process, on one reactor, over a real Unix socket.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "lib/base/check.h"
#include "lib/base/random.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/roles.h"

namespace patchbay::rpc {

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
  std::string path;
  int fd;
};

// Everything that both sides need; the servers are the test's own.
class RpcFixture {
 protected:
  explicit RpcFixture(bool threaded, std::chrono::milliseconds tick = Reactor::kTick) : reactor_(io_, threaded, tick) {}

  std::shared_ptr<grpc::Channel> ChannelTo(const UnixListener& listener, Role role) {
    return MakeChannel("unix:" + listener.path, issuer_->Issue({.role = role, .worker = "w", .generation = 3}));
  }
  std::shared_ptr<grpc::Channel> ChannelAs(Role role) { return ChannelTo(listener_, role); }

  // Runs `body` to its end on the reactor's thread.
  template <class Body>
  void RunToEnd(Body body) {
    bool done = false;
    asio::co_spawn(io_, body(), [&](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
      done = true;
      io_.stop();
    });
    io_.run_for(std::chrono::seconds(20));
    io_.restart();
    EXPECT_TRUE(done) << "the test's coroutine did not end";
  }

  UnixListener listener_;
  asio::io_context io_{1};
  Reactor reactor_;
  std::unique_ptr<TokenIssuer> issuer_ = TokenIssuer::Create().value();
  TokenVerifier verifier_{issuer_->public_key()};
};

// The parameter: whether the reactor runs in its threaded mode.
class RpcTest : public ::testing::TestWithParam<bool>, protected RpcFixture {
 protected:
  RpcTest() : RpcFixture(GetParam()) {}
};

inline std::string NameOfMode(const ::testing::TestParamInfo<bool>& info) { return info.param ? "Threaded" : "Fast"; }

}  // namespace patchbay::rpc
