// The gateway's service over mutual TLS, on a real TCP socket.
#include "workers/frontend/gateway/remote_gateway.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lib/base/random.h"
#include "lib/net/listen_address.h"
#include "lib/pki/authority.h"
#include "lib/rpc/channel.h"
#include "lib/testing/configured.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/gateway/v1/gateway.grpc.pb.h"
#include "tests/unit/workers/frontend/engine/engine_testing.h"
#include "workers/frontend/gateway/http_relay_service.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::Gateway;
using gateway::v1::ListModelsReply;
using roster::Role;

WallTime Now() { return SystemClock().Now(); }

class RemoteGatewayTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  RemoteGatewayTest() {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("PATCHBAY_SEAL_KEY");
    std::filesystem::create_directories(state_);
    std::filesystem::create_directories(elsewhere_);
    PATCHBAY_CHECK(OpenAuthority(state_).EnsureServer(Now()).ok());
    listener_fd_ = net::BindTcpListener(net::ParseListenAddress("127.0.0.1:0").value()).value();
    address_ = net::FormatListenAddress(net::BoundAddress(listener_fd_).value());
    catalog_.Put(FromText<accounts::v1::ListModelsReply>(R"pb(models { id: "m-1" })pb"));
    remote_.Start({listener_fd_}, /*connections_max=*/2, relay_);
    PATCHBAY_CHECK(remote_.serving());
  }
  ~RemoteGatewayTest() override {
    close(listener_fd_);
    std::filesystem::remove_all(state_);
    std::filesystem::remove_all(elsewhere_);
  }
  void TearDown() override {
    RunToEnd([this] { return remote_.Drain(std::chrono::milliseconds(0)); });
  }

  static pki::Authority OpenAuthority(const std::filesystem::path& state) {
    return pki::Authority::Open(state, Now()).value();
  }
  // The files of a new certificate that the authority in `state` signed.
  rpc::TlsFiles NewPair(const pki::Identity& identity, const std::filesystem::path& state, WallTime from) {
    auto authority = OpenAuthority(state);
    const auto pair = authority.Issue(identity, from, std::chrono::hours(24)).value();
    const std::filesystem::path base = state / identity.name;
    std::ofstream(base.string() + ".crt") << pair.certificate;
    std::ofstream(base.string() + ".key") << pair.key.Reveal();
    return {pki::Files(state_).authority.string(), base.string() + ".crt", base.string() + ".key"};
  }
  rpc::TlsFiles NewPair(Role role, const std::string& name) { return NewPair({role, name}, state_, Now()); }
  std::shared_ptr<grpc::Channel> Dial(const rpc::TlsFiles& files) {
    return rpc::MakeTlsChannel(address_, files, pki::kGatewayName);
  }
  ErrorCode ListModels(std::shared_ptr<grpc::Channel> channel, const std::string& key = "") {
    const auto stub = Gateway::NewStub(channel);
    const gateway::v1::ListModelsRequest request;
    const auto ask = [&]() -> Awaitable<Result<ListModelsReply>> {
      co_return co_await rpc::Unary<ListModelsReply>(reactor_, std::chrono::seconds(10),
                                                     [&](auto* context, auto* queue) {
                                                       if (!key.empty())
                                                         context->AddMetadata("authorization", "Bearer " + key);
                                                       return stub->AsyncListModels(context, request, queue);
                                                     });
    };
    const auto reply = testing::Await(io_, ask());
    // No call of these is refused with it, so it stands for none.
    return reply.ok() ? ErrorCode::kAlreadyExists : reply.error().code;
  }
  static constexpr ErrorCode kServed = ErrorCode::kAlreadyExists;

  const std::filesystem::path state_ = std::filesystem::temp_directory_path() / RandomId("patchbay-remote-");
  const std::filesystem::path elsewhere_ = std::filesystem::temp_directory_path() / RandomId("patchbay-remote-");
  int listener_fd_ = -1;
  std::string address_;
  testing::FakeTime time_;
  FakeLeaser leaser_;
  FakeUpstream upstream_{io_};
  Engine engine_{time_, leaser_, upstream_};
  GatewayCalls calls_{io_.get_executor(), time_, engine_, SettingsFrom(testing::Configured())};
  ModelCatalog catalog_{io_.get_executor(), [](std::string) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                          co_return accounts::v1::ResolveModelReply();
                        }};
  GatewayCallers callers_{[](std::vector<std::string> presented) -> Awaitable<Result<ClientKey>> {
    if (presented.front() != "good") co_return Error(ErrorCode::kUnauthenticated, "the client key is not valid");
    co_return ClientKey{.id = "key_1", .name = "ci"};
  }};
  HttpRelayService relay_{io_.get_executor(), time_, callers_,
                          [](std::shared_ptr<net::HttpExchange>, ClientKey) -> Awaitable<void> { co_return; },
                          net::HttpLimits{}};
  RemoteGateway remote_{reactor_, time_, state_, callers_, calls_, catalog_};
};

TEST_F(RemoteGatewayTest, ServesABridgeByItsCertificateAlone) {
  EXPECT_EQ(ListModels(Dial(NewPair(Role::kOllama, "kitchen"))), kServed);
}

TEST_F(RemoteGatewayTest, AsksAProgramForAKeyToo) {
  const auto channel = Dial(NewPair(Role::kProgram, "ci"));
  EXPECT_EQ(ListModels(channel), ErrorCode::kUnauthenticated);
  EXPECT_EQ(ListModels(channel, "bad"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(ListModels(channel, "good"), kServed);
}

TEST_F(RemoteGatewayTest, RefusesARevokedCertificateOnAnOpenConnection) {
  const auto channel = Dial(NewPair(Role::kOllama, "kitchen"));
  ASSERT_EQ(ListModels(channel), kServed);
  ASSERT_TRUE(OpenAuthority(state_).Revoke("kitchen").ok());
  EXPECT_EQ(ListModels(channel), ErrorCode::kPermissionDenied);
}

TEST_F(RemoteGatewayTest, MakesNoConnectionWithAnExpiredCertificate) {
  const rpc::TlsFiles files = NewPair({Role::kOllama, "kitchen"}, state_, Now() - std::chrono::hours(48));
  EXPECT_EQ(ListModels(Dial(files)), ErrorCode::kUnavailable);
}

TEST_F(RemoteGatewayTest, MakesNoConnectionWithACertificateOfAnotherAuthority) {
  EXPECT_EQ(ListModels(Dial(NewPair({Role::kOllama, "kitchen"}, elsewhere_, Now()))), ErrorCode::kUnavailable);
}

TEST_F(RemoteGatewayTest, MakesNoConnectionWithoutTls) {
  EXPECT_EQ(ListModels(rpc::MakeChannel(address_, Secret())), ErrorCode::kUnavailable);
}

TEST_F(RemoteGatewayTest, IsNotTakenForOneOfItsClients) {
  const auto channel = rpc::MakeTlsChannel(address_, NewPair(Role::kOllama, "kitchen"), "kitchen");
  EXPECT_EQ(ListModels(channel), ErrorCode::kUnavailable);
}

TEST_F(RemoteGatewayTest, TakesNoMoreConnectionsThanItMayAndNewOnesWhenSomeHaveGone) {
  const rpc::TlsFiles files = NewPair(Role::kOllama, "kitchen");
  auto first = Dial(files), second = Dial(files);
  ASSERT_EQ(ListModels(first), kServed);
  ASSERT_EQ(ListModels(second), kServed);
  EXPECT_EQ(remote_.connections(), 2);
  EXPECT_EQ(ListModels(Dial(files)), ErrorCode::kUnavailable);
  first.reset();
  RunToEnd([this]() -> Awaitable<void> {
    asio::steady_timer pause(io_);
    for (int i = 0; i < 1000 && remote_.connections() > 1; ++i) {
      pause.expires_after(std::chrono::milliseconds(5));
      co_await pause.async_wait(asio::use_awaitable);
    }
  });
  EXPECT_EQ(remote_.connections(), 1);
  EXPECT_EQ(ListModels(Dial(files)), kServed);
}

TEST_F(RemoteGatewayTest, ServesAsSoonAsThereAreCertificatesAndIsNoneTheWorseBefore) {
  const int fd = net::BindTcpListener(net::ParseListenAddress("127.0.0.1:0").value()).value();
  const std::string address = net::FormatListenAddress(net::BoundAddress(fd).value());
  HttpRelayService relay(
      io_.get_executor(), time_, callers_,
      [](std::shared_ptr<net::HttpExchange>, ClientKey) -> Awaitable<void> { co_return; }, net::HttpLimits{});
  RemoteGateway late(reactor_, time_, elsewhere_, callers_, calls_, catalog_);
  EXPECT_FALSE(late.wanted());
  late.Start({fd}, /*connections_max=*/2, relay);
  EXPECT_TRUE(late.wanted());
  EXPECT_FALSE(late.serving());
  time_.Advance(RemoteGateway::kTryAgain);
  EXPECT_FALSE(late.serving()) << "nothing has changed";

  ASSERT_TRUE(OpenAuthority(elsewhere_).EnsureServer(Now()).ok());
  rpc::TlsFiles files = NewPair({Role::kOllama, "kitchen"}, elsewhere_, Now());
  files.authority = pki::Files(elsewhere_).authority.string();
  time_.Advance(RemoteGateway::kTryAgain);
  ASSERT_TRUE(late.serving());
  EXPECT_EQ(ListModels(rpc::MakeTlsChannel(address, files, pki::kGatewayName)), kServed);
  RunToEnd([&late] { return late.Drain(std::chrono::milliseconds(0)); });
  close(fd);
}

TEST_F(RemoteGatewayTest, ShowsANewCertificateToNewConnectionsWithoutARestart) {
  ASSERT_EQ(ListModels(Dial(NewPair(Role::kOllama, "kitchen"))), kServed);
  // Of another authority: who believes only that one has seen the new pair.
  const pki::Files files(state_);
  std::filesystem::remove(files.authority);
  std::filesystem::remove(files.authority_key);
  ASSERT_TRUE(OpenAuthority(state_).EnsureServer(Now()).value());
  const rpc::TlsFiles pair = NewPair(Role::kOllama, "kitchen");
  ErrorCode code = ErrorCode::kUnavailable;
  for (int i = 0; i < 60 && code != kServed; ++i) {
    RunToEnd([this]() -> Awaitable<void> {
      asio::steady_timer pause(io_, std::chrono::milliseconds(250));
      co_await pause.async_wait(asio::use_awaitable);
    });
    code = ListModels(Dial(pair));
  }
  EXPECT_EQ(code, kServed);
}

}  // namespace
}  // namespace patchbay::frontend
