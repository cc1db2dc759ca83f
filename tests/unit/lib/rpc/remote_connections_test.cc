// Real TCP connections, of which the test holds both ends.
#include "lib/rpc/remote_connections.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "lib/base/check.h"
#include "lib/base/descriptor.h"

namespace patchbay::rpc {
namespace {

using namespace std::chrono_literals;

// A connection; the end that was accepted is gRPC's in the gateway.
struct Ends {
  Descriptor client, accepted;
  std::string peer;  // as gRPC calls the client's end

  // As gRPC ends it.
  void End() {
    shutdown(accepted.get(), SHUT_RDWR);
    accepted.Close();
  }
  bool IsCut() const {
    char byte = 0;
    return recv(client.get(), &byte, 1, MSG_DONTWAIT) == 0;
  }
};

class RemoteConnectionsTest : public ::testing::Test {
 protected:
  RemoteConnectionsTest() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    PATCHBAY_CHECK(bind(listener_.get(), Generic(), sizeof(address_)) == 0 && listen(listener_.get(), 64) == 0);
    socklen_t length = sizeof(address_);
    PATCHBAY_CHECK(getsockname(listener_.get(), Generic(), &length) == 0);
  }
  sockaddr* Generic() { return reinterpret_cast<sockaddr*>(&address_); }

  Ends Connect() {
    Ends ends;
    ends.client = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    PATCHBAY_CHECK(connect(ends.client.get(), Generic(), sizeof(address_)) == 0);
    ends.accepted = Descriptor(accept(listener_.get(), nullptr, nullptr));
    sockaddr_in own{};
    socklen_t length = sizeof(own);
    PATCHBAY_CHECK(getsockname(ends.client.get(), reinterpret_cast<sockaddr*>(&own), &length) == 0);
    ends.peer = "ipv4:127.0.0.1:" + std::to_string(ntohs(own.sin_port));
    return ends;
  }
  std::shared_ptr<RemoteConnections> Counting(std::size_t established_max, std::size_t handshakes_max,
                                              std::chrono::milliseconds timeout = 1h) {
    return std::make_shared<RemoteConnections>(io_, established_max, handshakes_max, timeout);
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < limit) {
      if (io_.stopped()) io_.restart();
      io_.run_one_for(10ms);
    }
    return done();
  }

  sockaddr_in address_{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  Descriptor listener_;
  asio::io_context io_{1};
};

TEST_F(RemoteConnectionsTest, CountsEachOnceUntilItsEnd) {
  const auto counting = Counting(5, 5);
  Ends one = Connect(), other = Connect();
  ASSERT_TRUE(counting->Admit(one.accepted.get()) && counting->Admit(other.accepted.get()));
  EXPECT_EQ(counting->open(), 2u);
  EXPECT_EQ(counting->established(), 0u);
  for (int i = 0; i < 3; ++i) counting->Prove(one.peer);
  counting->Prove("ipv4:192.0.2.1:1");
  counting->Prove("");
  EXPECT_EQ(counting->established(), 1u);
  EXPECT_EQ(counting->open(), 2u);
  one.End();
  EXPECT_TRUE(RunUntil([&] { return counting->open() == 1; }));
  EXPECT_EQ(counting->established(), 0u);
  other.End();
  EXPECT_TRUE(RunUntil([&] { return counting->open() == 0; }));
}

TEST_F(RemoteConnectionsTest, CutsTheOldestHandshakeAndNoneThatIsEstablished) {
  const auto counting = Counting(5, 2);
  Ends known = Connect();
  ASSERT_TRUE(counting->Admit(known.accepted.get()));
  counting->Prove(known.peer);
  Ends first = Connect(), second = Connect(), third = Connect();
  for (const Ends* ends : {&first, &second, &third}) ASSERT_TRUE(counting->Admit(ends->accepted.get()));
  EXPECT_TRUE(RunUntil([&] { return counting->open() == 3; }));
  EXPECT_TRUE(first.IsCut());
  for (const Ends* ends : {&known, &second, &third}) EXPECT_FALSE(ends->IsCut());
  EXPECT_EQ(counting->established(), 1u);
}

TEST_F(RemoteConnectionsTest, LetsHandshakesTakeNoRoomOfTheEstablished) {
  const auto counting = Counting(1, 5);
  Ends stranger = Connect(), first = Connect(), second = Connect();
  for (const Ends* ends : {&stranger, &first, &second}) ASSERT_TRUE(counting->Admit(ends->accepted.get()));
  counting->Prove(first.peer);
  EXPECT_EQ(counting->established(), 1u);
  counting->Prove(second.peer);
  EXPECT_EQ(counting->established(), 1u);
  EXPECT_TRUE(second.IsCut()) << "one is enough";
  EXPECT_FALSE(first.IsCut());
  Ends third = Connect();
  EXPECT_FALSE(counting->Admit(third.accepted.get()));
  first.End();
  EXPECT_TRUE(RunUntil([&] { return counting->established() == 0; }));
  EXPECT_TRUE(counting->Admit(third.accepted.get()));
}

TEST_F(RemoteConnectionsTest, TakesOneForEstablishedThatOutlivedItsHandshake) {
  const auto counting = Counting(5, 5, 20ms);
  Ends quiet = Connect();
  ASSERT_TRUE(counting->Admit(quiet.accepted.get()));
  EXPECT_TRUE(RunUntil([&] { return counting->established() == 1; }));
  EXPECT_EQ(counting->open(), 1u);
}

TEST_F(RemoteConnectionsTest, DoesNotKeepWhatItCannotCount) {
  const auto counting = Counting(5, 5);
  Ends one = Connect();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool kept = counting->Admit(one.accepted.get());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(kept);
  EXPECT_EQ(counting->open(), 0u);
  EXPECT_TRUE(counting->Admit(one.accepted.get()));
  EXPECT_EQ(counting->open(), 1u);
}

}  // namespace
}  // namespace patchbay::rpc
