#include "workers/frontend/gateway/caller.h"

#include <gtest/gtest.h>

#include "lib/testing/run.h"

namespace patchbay::frontend {
namespace {

using roster::Role;

class GatewayCallersTest : public ::testing::Test {
 protected:
  Result<GatewayCaller> Know(GatewayPeer peer) { return testing::Await(io_, callers_.Know(std::move(peer))); }

  asio::io_context io_;
  accounts::v1::KeyTerms terms_;
  GatewayCallers callers_{[this](std::vector<std::string> presented) -> Awaitable<Result<ClientKey>> {
    if (presented.front() != "good") co_return Error(ErrorCode::kUnauthenticated, "the client key is not valid");
    co_return ClientKey{.id = "key_1", .name = "ci", .terms = std::make_shared<const accounts::v1::KeyTerms>(terms_)};
  }};
};

TEST_F(GatewayCallersTest, HaveANameOfTheirOwnWhereTheyNeedNoKey) {
  EXPECT_EQ(Know({.role = Role::kOllama, .name = "ollama"})->key.id, "worker:ollama");
  EXPECT_EQ(Know({.role = Role::kExtra, .name = "console-2"})->key.id, "worker:console-2");
  const auto remote = Know({.role = Role::kOllama, .name = "kitchen", .remote = true, .address = "192.0.2.7"});
  EXPECT_EQ(remote->key.id, "worker:ollama:kitchen");
  EXPECT_EQ(remote->address, "192.0.2.7");
}

TEST_F(GatewayCallersTest, AskProgramsForAKey) {
  for (const Role role : {Role::kNone, Role::kProgram}) {
    EXPECT_EQ(Know({.role = role}).error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(Know({.role = role, .keys = {"good"}})->key.id, "key_1");
  }
}

TEST_F(GatewayCallersTest, HoldWhoeverShowsAKeyToIt) {
  EXPECT_EQ(Know({.role = Role::kOllama, .name = "ollama", .keys = {"good"}})->key.id, "key_1");
  EXPECT_EQ(Know({.role = Role::kOllama, .name = "ollama", .keys = {"old"}}).error().code, ErrorCode::kUnauthenticated);
}

TEST_F(GatewayCallersTest, RefuseAKeyThatIsUsedFromElsewhere) {
  terms_.add_sources("10.0.0.0/8");
  GatewayPeer peer{.role = Role::kProgram, .remote = true, .address = "192.0.2.7", .keys = {"good"}};
  EXPECT_EQ(Know(peer).error().code, ErrorCode::kPermissionDenied);
  peer.address = "10.1.2.3";
  EXPECT_TRUE(Know(peer).ok());
}

}  // namespace
}  // namespace patchbay::frontend
