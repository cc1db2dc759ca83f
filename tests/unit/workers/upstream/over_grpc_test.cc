// The service as other processes meet it: gRPC over a Unix socket, roles checked, credentials
// streamed from accounts, a provider behind TLS.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <condition_variable>
#include <mutex>

#include "lib/rpc/channel.h"
#include "lib/testing/configured.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"
#include "tests/unit/workers/upstream/local_server.h"
#include "workers/upstream/service.h"

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;
using testing::LocalServer;
using testing::Peer;

class OverGrpc : public ::testing::Test, protected patchbay::testing::RpcFixture {
 protected:
  OverGrpc() {
    server_.SetVerifier(&verifier_);
    server_.Register(accounts_);
    server_.Watch(
        accounts_, &accounts::v1::Credentials::AsyncService::RequestWatch,
        [this](rpc::CallInfo, accounts::v1::WatchCredentialsRequest,
               std::shared_ptr<rpc::ServerWriter<accounts::v1::CredentialUpdate>> writer) -> Awaitable<Result<void>> {
          ++watches_;
          accounts::v1::CredentialUpdate update;
          update.mutable_upsert()->set_account("a");
          update.mutable_upsert()->set_version(watches_);
          update.mutable_upsert()->set_access_token("secret");
          co_await writer->Send(update);
          update.set_synced(true);
          co_await writer->Send(update);
          co_return Result<void>();  // and the watcher comes again
        });
    service_.Register(server_);
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
    asio::co_spawn(io_, WatchCredentials(reactor_, ChannelAs(rpc::Role::kUpstream), credentials_),
                   [](std::exception_ptr) {});
  }
  void TearDown() override {
    RunToEnd([this]() -> Awaitable<void> { co_await server_.Drain(0ms); });
  }

  void PointAt(const LocalServer& server) {
    auto config = patchbay::testing::Configured();
    catalog::v1::Provider& codex = (*config.mutable_providers())["codex"];
    codex.set_base_url(server.url() + "/backend-api/codex");
    codex.set_ca_file(server.ca_file());
    codex.set_allow_private(true);
    ASSERT_TRUE(service_.Configure(config).ok());
  }
  auto OpenCall(std::shared_ptr<grpc::Channel> channel) {
    stub_ = v1::Upstream::NewStub(channel);
    return rpc::OpenStream<v1::CallRequest, v1::CallReply>(
        reactor_, [this](auto* context, auto* queue) { return stub_->PrepareAsyncCall(context, queue); });
  }
  static v1::CallRequest Request() {
    v1::CallRequest request;
    request.mutable_open()->set_request_id("req_1");
    request.mutable_open()->set_account("a");
    request.mutable_open()->set_provider("codex");
    request.mutable_open()->set_credential_version(1);
    request.mutable_open()->mutable_canonical()->set_model("gpt-5.5");
    return request;
  }

  accounts::v1::Credentials::AsyncService accounts_;
  int watches_ = 0;
  SystemClock clock_;
  CookieJar jar_;
  CredentialCache credentials_{io_.get_executor()};
  UpstreamService service_{[&] {
    CallContext context;
    context.executor = io_.get_executor();
    context.clock = &clock_;
    context.pool = ConnectionPool::Create(io_.get_executor());
    context.credentials = &credentials_;
    context.cookies = &jar_;
    return context;
  }()};
  rpc::Server server_{reactor_};
  std::unique_ptr<v1::Upstream::Stub> stub_;
};

TEST_F(OverGrpc, ACallIsAnsweredAndTheWatchComesBackByItself) {
  const std::string body = "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"}}\n\n";
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
    peer.WaitForClose();
  });
  PointAt(server);
  RunToEnd([&]() -> Awaitable<void> {
    auto call = OpenCall(ChannelAs(rpc::Role::kFrontend));
    v1::CallRequest request = Request();
    request.mutable_open()->set_credential_version(2);  // known only to the second watch
    const bool sent = co_await call->Send(request);
    EXPECT_TRUE(sent);
    co_await call->CloseSend();
    v1::CallReply reply;
    v1::End end;
    bool more = co_await call->Receive(reply);
    while (more) {
      if (reply.has_end()) end = reply.end();
      more = co_await call->Receive(reply);
    }
    const Result<void> status = co_await call->Finish();
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(end.response_id(), "resp_1");
    EXPECT_FALSE(end.has_failure()) << end.failure().ShortDebugString();
  });
  EXPECT_GE(watches_, 2);
}

TEST_F(OverGrpc, ACancelledCallClosesTheProvidersConnection) {
  std::mutex mutex;
  std::condition_variable changed;
  bool closed = false;
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 1000\r\n\r\n");
    peer.Write("data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n");
    peer.WaitForClose();
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
  });
  PointAt(server);
  RunToEnd([&]() -> Awaitable<void> {
    auto call = OpenCall(ChannelAs(rpc::Role::kFrontend));
    const v1::CallRequest request = Request();
    co_await call->Send(request);
    v1::CallReply reply;
    bool more = true;
    while (more && !reply.has_events()) more = co_await call->Receive(reply);
    EXPECT_TRUE(reply.has_events());
    call->Cancel();
    asio::steady_timer pause(io_);
    while (service_.Counters().at("in_flight") > 0) {
      pause.expires_after(1ms);
      co_await pause.async_wait(asio::use_awaitable);
    }
  });
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, 5s, [&] { return closed; }));
  EXPECT_EQ(service_.Counters().at("connections_idle"), 0);
  EXPECT_EQ(service_.Counters().at("connections_busy"), 0);
}

TEST_F(OverGrpc, OnlyTheFrontendMayCall) {
  LocalServer server(true, [](Peer&) {});
  PointAt(server);
  RunToEnd([&]() -> Awaitable<void> {
    auto call = OpenCall(ChannelAs(rpc::Role::kOllama));
    const v1::CallRequest request = Request();
    co_await call->Send(request);
    v1::CallReply reply;
    const bool more = co_await call->Receive(reply);
    EXPECT_FALSE(more);
    const Result<void> status = co_await call->Finish();
    EXPECT_EQ(status.error().code, ErrorCode::kPermissionDenied);
  });
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace patchbay::upstream
