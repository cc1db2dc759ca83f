#include "lib/net/listen_address.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace patchbay::net {
namespace {

TEST(ListenAddress, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"})
    EXPECT_TRUE(IsLoopback(*ParseListenAddress(text))) << text;
  for (const char* text : {"0.0.0.0:1", "[::]:1", ":1", "192.168.0.1:1"})
    EXPECT_FALSE(IsLoopback(*ParseListenAddress(text))) << text;
  EXPECT_TRUE(IsLoopbackHost("[::1]"));
  EXPECT_TRUE(IsLoopbackHost("LocalHost"));
  EXPECT_TRUE(IsLoopbackHost("::ffff:127.0.0.1"));
  EXPECT_FALSE(IsLoopbackHost("localhost.example"));
}

TEST(BindTcpListener, BindsAndTellsItsPort) {
  const auto fd = BindTcpListener({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(fd.ok());
  const auto bound = BoundAddress(*fd);
  ASSERT_TRUE(bound.ok());
  EXPECT_EQ(bound->host, "127.0.0.1");
  EXPECT_NE(bound->port, 0);
  const auto again = BindTcpListener(*bound);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kUnavailable);
  ::close(*fd);
}

TEST(BindUnixListener, ReplacesAFileThatIsLeftBehindAndNoOther) {
  char folder[] = "/tmp/patchbay-net-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const ListenAddress address = *ParseListenAddressOrPath("unix:" + std::string(folder) + "/a.sock");
  const auto fd = BindUnixListener(address, 0640);
  ASSERT_TRUE(fd.ok()) << fd.error().message;
  struct stat facts {};
  ASSERT_EQ(::stat(address.path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0640u);
  EXPECT_EQ(*BoundAddress(*fd), address);
  EXPECT_EQ(BindUnixListener(address, 0640).error().code, ErrorCode::kUnavailable) << "somebody listens";
  ::close(*fd);
  const auto again = BindUnixListener(address, 0600);
  ASSERT_TRUE(again.ok()) << again.error().message;
  ::close(*again);
  ::unlink(address.path.c_str());
  ::close(::open(address.path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  EXPECT_EQ(BindUnixListener(address, 0600).error().code, ErrorCode::kFailedPrecondition) << "no socket";
  ::unlink(address.path.c_str());
  ::rmdir(folder);
}

TEST(ListenAddress, TakesAPathWhereThatIsAllowed) {
  EXPECT_EQ(ParseListenAddressOrPath("unix:/run/a.sock")->path, "/run/a.sock");
  EXPECT_EQ(FormatListenAddress(*ParseListenAddressOrPath("unix:/run/a.sock")), "unix:/run/a.sock");
  EXPECT_EQ(ParseListenAddressOrPath("127.0.0.1:80")->port, 80);
  EXPECT_FALSE(ParseListenAddress("unix:/run/a.sock").ok());
  for (const std::string text : {"unix:", "unix:a.sock", "unix:/run/", "/run/a.sock"})
    EXPECT_FALSE(ParseListenAddressOrPath(text).ok()) << text;
  EXPECT_FALSE(ParseListenAddressOrPath("unix:/" + std::string(107, 'a')).ok());
  EXPECT_TRUE(ParseListenAddressOrPath("unix:/" + std::string(106, 'a')).ok());
}

TEST(BindTcpListener, TakesAnAddressThatIsNotOursForOneThatMayCome) {
  const auto fd = BindTcpListener({.host = "203.0.113.1", .port = 0});
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace patchbay::net
