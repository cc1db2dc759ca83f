#include "lib/worker/sandbox.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace patchbay::worker {
namespace {

// The filter cannot be taken off again, so each case runs in a child. True when `body` returned true there.
bool InAChild(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool Refused(int family, int type) { return socket(family, type, 0) < 0 && errno == EAFNOSUPPORT; }

TEST(ForbidInternetSockets, RefusesEveryInternetSocket) {
  EXPECT_TRUE(InAChild([] {
    return ForbidInternetSockets().ok() && Refused(AF_INET, SOCK_STREAM) && Refused(AF_INET, SOCK_DGRAM) &&
           Refused(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK) && Refused(AF_INET6, SOCK_DGRAM);
  }));
}

TEST(ForbidInternetSockets, IsNotFooledByTheHalfOfAnArgumentThatTheKernelIgnores) {
  EXPECT_TRUE(InAChild([] {
    constexpr long kUpperHalf = 1L << 32;
    return ForbidInternetSockets().ok() && syscall(SYS_socket, AF_INET | kUpperHalf, SOCK_STREAM, 0) < 0 &&
           errno == EAFNOSUPPORT;
  }));
}

TEST(ForbidInternetSockets, TakesAwayIoUring) {
  EXPECT_TRUE(InAChild(
      [] { return ForbidInternetSockets().ok() && syscall(SYS_io_uring_setup, 1, nullptr) < 0 && errno == ENOSYS; }));
}

#if defined(__x86_64__)
TEST(ForbidInternetSockets, KillsWhoeverCallsByAnotherArchitecturesNumbers) {
  EXPECT_FALSE(InAChild([] {
    if (!ForbidInternetSockets().ok()) return true;
    constexpr long kX32 = 0x40000000;
    syscall(kX32 | SYS_socket, AF_INET, SOCK_STREAM, 0);
    return true;
  }));
}
#endif

TEST(ForbidInternetSockets, LeavesUnixSocketsAlone) {
  EXPECT_TRUE(InAChild([] {
    int pair[2];
    return ForbidInternetSockets().ok() && socket(AF_UNIX, SOCK_STREAM, 0) >= 0 &&
           socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && write(pair[0], "x", 1) == 1;
  }));
}

TEST(ForbidInternetSockets, HoldsForThreadsThatRunAlready) {
  EXPECT_TRUE(InAChild([] {
    int go[2], done[2];
    if (pipe(go) != 0 || pipe(done) != 0) return false;
    bool refused = false;
    std::thread thread([&] {
      char byte = 0;
      if (read(go[0], &byte, 1) == 1) refused = Refused(AF_INET, SOCK_STREAM);
    });
    const bool forbidden = ForbidInternetSockets().ok();
    const bool sent = write(go[1], "g", 1) == 1;
    thread.join();
    return forbidden && sent && refused;
  }));
}

TEST(ForbidInternetSockets, LetsAnInheritedListenerAccept) {
  EXPECT_TRUE(InAChild([] {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0)
      return false;
    if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) return false;
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
    return ForbidOutboundInternet().ok() && accept4(listener, nullptr, nullptr, SOCK_CLOEXEC) >= 0 &&
           Refused(AF_INET, SOCK_STREAM);
  }));
}

TEST(ForbidListening, RefusesToListenButLetsConnect) {
  EXPECT_TRUE(InAChild([] {
    const int before = socket(AF_INET, SOCK_STREAM, 0);
    if (listen(before, 1) != 0) return false;
    sockaddr_in address{};
    socklen_t length = sizeof address;
    if (getsockname(before, reinterpret_cast<sockaddr*>(&address), &length) != 0) return false;
    if (!ForbidListening().ok()) return false;
    const int later = socket(AF_INET, SOCK_STREAM, 0);
    const bool refused = listen(later, 1) != 0 && errno == EACCES;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    return refused && connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }));
}

}  // namespace
}  // namespace patchbay::worker
