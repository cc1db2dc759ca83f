#include "supervisor/system/notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "lib/base/descriptor.h"
#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

using ::testing::MatchesRegex;

// Stands where systemd does (sd_notify(3)).
class NotifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string path = (scratch_.path() / "notify").string();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  // The next message, and the descriptor that came with it; "" when there is none.
  std::string Heard(Descriptor* passed = nullptr) {
    char text[4096] = {};
    alignas(cmsghdr) char control[256] = {};
    iovec piece{text, sizeof text};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) return "";
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
      int fd = -1;
      if (part->cmsg_type != SCM_RIGHTS) continue;
      std::copy_n(CMSG_DATA(part), sizeof fd, reinterpret_cast<unsigned char*>(&fd));
      Descriptor got(fd);
      if (passed != nullptr) *passed = std::move(got);
    }
    return {text, static_cast<std::size_t>(size)};
  }

  ScratchDirectory scratch_;
  Descriptor socket_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_F(NotifyTest, SaysWhatSystemdListensFor) {
  notify::Ready();
  EXPECT_EQ(Heard(), "READY=1");
  notify::Status("starting; ollama down");
  EXPECT_EQ(Heard(), "STATUS=starting; ollama down");
  notify::Alive();
  EXPECT_EQ(Heard(), "WATCHDOG=1");
  notify::Stopping(std::chrono::seconds(75));
  EXPECT_EQ(Heard(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=75000000");
  notify::Forget("http");
  EXPECT_EQ(Heard(), "FDSTOREREMOVE=1\nFDNAME=stored-http");
}

TEST_F(NotifyTest, TellsSinceWhenItReloads) {
  const auto before = std::chrono::steady_clock::now().time_since_epoch();
  notify::Reloading();
  const std::string told = Heard();
  ASSERT_THAT(told, MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  const std::chrono::microseconds at(std::stoll(told.substr(told.rfind('=') + 1)));
  EXPECT_GE(at, std::chrono::duration_cast<std::chrono::microseconds>(before));
  EXPECT_LE(at, std::chrono::steady_clock::now().time_since_epoch());
}

TEST_F(NotifyTest, HandsADescriptorOver) {
  notify::StoreDescriptor("http", socket_.get());
  Descriptor stored(-1);
  EXPECT_EQ(Heard(&stored), "FDSTORE=1\nFDNAME=stored-http");
  struct stat ours {
  }, theirs{};
  ASSERT_EQ(fstat(socket_.get(), &ours), 0);
  ASSERT_EQ(fstat(stored.get(), &theirs), 0);
  EXPECT_EQ(ours.st_ino, theirs.st_ino);
}

TEST_F(NotifyTest, SaysNothingWithoutSystemd) {
  unsetenv("NOTIFY_SOCKET");
  notify::Ready();
  notify::Reloading();
  EXPECT_EQ(Heard(), "");
}

TEST_F(NotifyTest, KnowsHowOftenSystemdWantsToHear) {
  EXPECT_EQ(notify::WatchdogInterval(), std::nullopt);
  setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(notify::WatchdogInterval(), std::chrono::seconds(30));
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(notify::WatchdogInterval(), std::chrono::seconds(30));
  setenv("WATCHDOG_PID", "1", 1);  // somebody else's, inherited
  EXPECT_EQ(notify::WatchdogInterval(), std::nullopt);
}

}  // namespace
}  // namespace patchbay::supervisor
