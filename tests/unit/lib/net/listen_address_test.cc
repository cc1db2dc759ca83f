#include "lib/net/listen_address.h"

#include <gtest/gtest.h>
#include <unistd.h>

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

TEST(BindTcpListener, TakesAnAddressThatIsNotOursForOneThatMayCome) {
  const auto fd = BindTcpListener({.host = "203.0.113.1", .port = 0});
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace patchbay::net
