#include "workers/frontend/responses_socket/socket_server.h"

#include "tests/unit/workers/frontend/responses_socket/socket_testing.h"

namespace patchbay::frontend {
namespace {

class SocketServerTest : public SocketTest {
 protected:
  std::shared_ptr<Client> Open(const std::string& id) {
    GrantOpening();
    upstream_.WillOpen(kOpened, {});
    return Connect(id);
  }
};

TEST_F(SocketServerTest, CountsTheSocketsThatAreOpen) {
  const auto first = Open("a"), second = Open("b");
  EXPECT_EQ(server_.open(), 2u);
  first->socket->Leaves();
  Go();
  EXPECT_EQ(server_.open(), 1u);
}

TEST_F(SocketServerTest, HasBoundsForAllAndForEachKey) {
  settings_.sockets.connections_per_key = 1;
  server_.SetSettings(settings_);
  EXPECT_FALSE(server_.Declines({"ck_1", ""}));
  const auto client = Open("a");
  EXPECT_EQ(server_.Declines({"ck_1", ""})->code, "websocket_limit_reached");
  EXPECT_FALSE(server_.Declines({"ck_2", ""})) << "another key has its own";
  settings_.sockets.connections = 1;
  server_.SetSettings(settings_);
  EXPECT_EQ(server_.Declines({"ck_2", ""})->code, "websocket_limit_reached");
  client->socket->Leaves();
  Go();
  EXPECT_FALSE(server_.Declines({"ck_1", ""}));
}

TEST_F(SocketServerTest, DeclinesEverythingWhereSocketsAreOff) {
  settings_.sockets.enabled = false;
  server_.SetSettings(settings_);
  EXPECT_EQ(server_.Declines({"ck_1", ""})->code, "websocket_disabled");
}

TEST_F(SocketServerTest, LetsATurnEndBeforeADrainClosesItsSocket) {
  const auto idle = Open("idle");
  GrantOpening();
  leaser_.WillGrant(Grant("l1"));
  upstream_.WillOpen(kOpened, {{}});
  const auto busy = Connect("busy");
  busy->socket->Says(kCreate);
  Go();
  server_.Drain();
  Go();
  EXPECT_TRUE(idle->outcome);
  EXPECT_EQ(idle->socket->close_code, close_code::kServiceRestart);
  EXPECT_FALSE(busy->outcome) << "its turn still runs";
}

}  // namespace
}  // namespace patchbay::frontend
