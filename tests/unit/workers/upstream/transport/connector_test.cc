#include "workers/upstream/transport/connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/transport_fixture.h"

namespace patchbay::upstream {
namespace {

using inference::v1::FailureStage;
using testing::Always;
using testing::LocalServer;
using testing::Peer;
using testing::Reply;

class ConnectorTest : public testing::TransportFixture {};

TEST_F(ConnectorTest, RefusesPrivateAddressesUnlessAllowed) {
  LocalServer server(false, Always([](const std::string&) { return "ok"; }));
  for (const char* host : {"localhost", "127.0.0.1", "::1", "169.254.169.254"}) {
    HttpRequest request = RequestTo(server);
    request.to.allow_private = false;
    request.to.authority.host = host;
    const Reply reply = Do(std::move(request));
    EXPECT_FALSE(reply.started);
    EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_RESOLVE);
    EXPECT_THAT(reply.failure.message, ::testing::HasSubstr("private"));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ConnectorTest, SaysWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    LocalServer gone(false, Always([](const std::string&) { return "ok"; }));
    port = gone.port();
  }
  LocalServer server(false, Always([](const std::string&) { return "ok"; }));
  HttpRequest request = RequestTo(server);
  request.to.authority.port = port;
  const Reply reply = Do(std::move(request));
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_CONNECT);
}

TEST_F(ConnectorTest, RefusesACertificateItDoesNotTrust) {
  LocalServer server(true, Always([](const std::string&) { return "ok"; }));
  LocalServer other(true, Always([](const std::string&) { return "ok"; }));
  HttpRequest request = RequestTo(server);
  request.to.tls = TlsContext::Create(other.ca_file()).value();
  const Reply reply = Do(std::move(request));
  EXPECT_FALSE(reply.started);
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_TLS);
  EXPECT_THAT(reply.failure.message, ::testing::HasSubstr("certificate"));
}

TEST_F(ConnectorTest, RefusesACertificateForAnotherHost) {
  LocalServer server(true, Always([](const std::string&) { return "ok"; }));
  HttpRequest request = RequestTo(server);
  request.to.authority.host = "127.0.0.2";  // reaches the same machine; is not in the certificate
  LocalServer other(true, Always([](const std::string&) { return "ok"; }));
  request.to.authority.port = server.port();
  const Reply reply = Do(std::move(request));
  EXPECT_FALSE(reply.started);
}

TEST_F(ConnectorTest, AcceptsACertificateForAnAddress) {
  LocalServer server(true, Always([](const std::string&) { return "ok"; }));
  HttpRequest request = RequestTo(server);
  request.to.authority.host = "127.0.0.1";
  EXPECT_EQ(Do(std::move(request)).body, "ok");
}

TEST_F(ConnectorTest, ResumesTlsSessionsWithinAnAccountOnly) {
  LocalServer server(true, [](Peer& peer) {
    peer.ReadRequest();
    peer.Answer(peer.resumed() ? "resumed" : "full", "connection: close\r\n");
    peer.WaitForClose();
  });
  // One trust context, as the provider has.
  const auto tls = TlsContext::Create(server.ca_file()).value();
  const auto ask = [&](const std::string& account) {
    HttpRequest request = RequestTo(server, "x", account);
    request.to.tls = tls;
    return Do(std::move(request)).body;
  };
  EXPECT_EQ(ask("a"), "full");
  EXPECT_EQ(ask("a"), "resumed");
  EXPECT_EQ(ask("b"), "full");
}

}  // namespace
}  // namespace patchbay::upstream
