#include "lib/rpc/server.h"

#include <gtest/gtest.h>

#include "lib/async/event.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "tests/unit/lib/rpc/rpc_harness.h"

namespace patchbay::rpc {
namespace {

using accounts::v1::Credentials;
using accounts::v1::CredentialUpdate;
using accounts::v1::WatchCredentialsRequest;
using upstream::v1::CallReply;
using upstream::v1::CallRequest;
using upstream::v1::FetchReply;
using upstream::v1::FetchRequest;
using upstream::v1::Upstream;
using namespace std::chrono_literals;

class ServerTest : public RpcTest {
 protected:
  ServerTest() {
    server_.SetVerifier(&verifier_);
    server_.Register(upstream_);
    server_.Register(credentials_);
    server_.Unary(upstream_, &Upstream::AsyncService::RequestFetch,
                  [this](CallInfo call, FetchRequest request) -> Awaitable<Result<FetchReply>> {
                    caller_ = call.caller;
                    if (request.provider() == "nowhere") co_return Error(ErrorCode::kNotFound, "no such provider");
                    FetchReply reply;
                    reply.set_body(request.body());
                    co_return reply;
                  });
    server_.Bidi(
        upstream_, &Upstream::AsyncService::RequestCall,
        [this](CallInfo, std::shared_ptr<ServerStream<CallRequest, CallReply>> stream) -> Awaitable<Result<void>> {
          auto left = std::make_shared<async::Event>(io_.get_executor());
          stream->OnCancelled([left] { left->Notify(); });
          CallRequest request;
          CallReply reply;
          while (co_await stream->Receive(request)) {
            reply.set_chunk(request.chunk());
            if (!co_await stream->Send(reply)) break;
            if (request.chunk() == "hold") {
              co_await left->Wait();
              cancelled_.Notify();
            }
          }
          co_return Error(ErrorCode::kUnavailable, "the end");
        });
    server_.Watch(credentials_, &Credentials::AsyncService::RequestWatch,
                  [this](CallInfo, WatchCredentialsRequest,
                         std::shared_ptr<ServerWriter<CredentialUpdate>> writer) -> Awaitable<Result<void>> {
                    CredentialUpdate update;
                    if (flood_) {
                      update.mutable_upsert()->set_access_token(std::string(1 << 20, 'x'));
                      asio::steady_timer overdue(io_, 50ms);
                      overdue.async_wait([writer](boost::system::error_code error) {
                        if (!error) writer->Cancel();
                      });
                      while (co_await writer->Send(update)) {
                      }
                      cancelled_.Notify();
                      co_return Result<void>();
                    }
                    for (int i = 0; i < 3; ++i) {
                      update.mutable_upsert()->set_version(i);
                      co_await writer->Send(update);
                    }
                    co_return Result<void>();
                  });
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }

  void TearDown() override {
    RunToEnd([this]() -> Awaitable<void> { co_await server_.Drain(0ms); });
  }

  Awaitable<Result<FetchReply>> Fetch(std::shared_ptr<grpc::Channel> channel, FetchRequest request,
                                      std::chrono::milliseconds timeout = 5s) {
    auto stub = Upstream::NewStub(channel);
    co_return co_await Unary<FetchReply>(
        reactor_, timeout, [&](auto* context, auto* queue) { return stub->AsyncFetch(context, request, queue); });
  }

  Upstream::AsyncService upstream_;
  Credentials::AsyncService credentials_;
  Server server_{reactor_};
  bool flood_ = false;  // the watch sends without an end
  async::Event cancelled_{io_.get_executor()};
  RoleClaim caller_;
};

INSTANTIATE_TEST_SUITE_P(Modes, ServerTest, ::testing::Values(false, true), NameOfMode);

TEST_P(ServerTest, RunsInTheModeThatWasAskedFor) {
  // The fast mode leans on gRPC 1.51's internals: when this fails after an upgrade, look at reactor.h.
  EXPECT_EQ(reactor_.mode(), GetParam() ? Reactor::Mode::kThreaded : Reactor::Mode::kFast);
}

TEST_P(ServerTest, AnswersUnaryCallsAndTellsTheCaller) {
  RunToEnd([&]() -> Awaitable<void> {
    FetchRequest request;
    request.set_body("hello");
    const auto reply = co_await Fetch(ChannelAs(Role::kAccounts), request);
    EXPECT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply.ok() ? reply->body() : reply.error().message, "hello");
    EXPECT_EQ(caller_.role, Role::kAccounts);
    EXPECT_EQ(caller_.generation, 3);

    request.set_provider("nowhere");
    const auto missing = co_await Fetch(ChannelAs(Role::kAccounts), request);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  });
}

TEST_P(ServerTest, RefusesWrongRolesForgedTokensAndNoTokens) {
  RunToEnd([&]() -> Awaitable<void> {
    EXPECT_EQ((co_await Fetch(ChannelAs(Role::kFrontend), {})).error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ((co_await Fetch(MakeChannel("unix:" + listener_.path, Secret()), {})).error().code,
              ErrorCode::kPermissionDenied);
    EXPECT_EQ((co_await Fetch(MakeChannel("unix:" + listener_.path, Secret("forged")), {})).error().code,
              ErrorCode::kUnauthenticated);
  });
}

TEST_P(ServerTest, EchoesAThousandMessagesInOrderAndEndsWithTheHandlersStatus) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Upstream::NewStub(ChannelAs(Role::kFrontend));
    auto stream = OpenStream<CallRequest, CallReply>(
        reactor_, [&](auto* context, auto* queue) { return stub->PrepareAsyncCall(context, queue); });
    CallRequest request;
    CallReply reply;
    for (int i = 0; i < 1000; ++i) {
      request.set_chunk(std::to_string(i));
      EXPECT_TRUE(co_await stream->Send(request));
      EXPECT_TRUE(co_await stream->Receive(reply));
      EXPECT_EQ(reply.chunk(), std::to_string(i));
    }
    EXPECT_TRUE(co_await stream->CloseSend());
    EXPECT_FALSE(co_await stream->Receive(reply));
    const auto status = co_await stream->Finish();
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.ok() ? "" : status.error().message, "the end");
  });
}

TEST_P(ServerTest, CarriesTenMegabytesInOneMessage) {
  RunToEnd([&]() -> Awaitable<void> {
    FetchRequest request;
    request.set_body(std::string(10 << 20, 'x'));
    const auto reply = co_await Fetch(ChannelAs(Role::kAccounts), request);
    EXPECT_TRUE(reply.ok());
    EXPECT_EQ(reply.ok() ? reply->body().size() : 0, request.body().size());
  });
}

TEST_P(ServerTest, TellsTheHandlerWhenTheClientCancels) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Upstream::NewStub(ChannelAs(Role::kFrontend));
    auto stream = OpenStream<CallRequest, CallReply>(
        reactor_, [&](auto* context, auto* queue) { return stub->PrepareAsyncCall(context, queue); });
    CallRequest request;
    CallReply reply;
    request.set_chunk("hold");
    EXPECT_TRUE(co_await stream->Send(request));
    EXPECT_TRUE(co_await stream->Receive(reply));
    stream.reset();  // destroying a stream cancels it
    co_await cancelled_.Wait();
  });
}

TEST_P(ServerTest, StreamsWhatAWatchSends) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Credentials::NewStub(ChannelAs(Role::kUpstream));
    WatchCredentialsRequest request;
    auto reader = co_await ServerStreamReader<CredentialUpdate>::Open(
        reactor_,
        [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    CredentialUpdate update;
    int count = 0;
    while (co_await reader->Receive(update)) EXPECT_EQ(update.upsert().version(), count++);
    EXPECT_EQ(count, 3);
    EXPECT_TRUE((co_await reader->Finish()).ok());
  });
}

TEST_P(ServerTest, CancelsAWatchThatNobodyReads) {
  flood_ = true;
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Credentials::NewStub(ChannelAs(Role::kUpstream));
    WatchCredentialsRequest request;
    auto reader = co_await ServerStreamReader<CredentialUpdate>::Open(
        reactor_,
        [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    co_await cancelled_.Wait();
    CredentialUpdate update;
    while (co_await reader->Receive(update)) {
    }
    const Result<void> status = co_await reader->Finish();
    EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
  });
}

TEST_P(ServerTest, UnaryCallsEndAtTheirTimeoutWhenNobodyListens) {
  RunToEnd([&]() -> Awaitable<void> {
    server_.StopAccepting();  // connects wait in the backlog
    const auto reply = co_await Fetch(ChannelAs(Role::kAccounts), {}, 50ms);
    EXPECT_EQ(reply.error().code, ErrorCode::kDeadlineExceeded);
  });
}

TEST_P(ServerTest, DrainWaitsForRunningCallsAndCutsThemAtTheDeadline) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Upstream::NewStub(ChannelAs(Role::kFrontend));
    auto stream = OpenStream<CallRequest, CallReply>(
        reactor_, [&](auto* context, auto* queue) { return stub->PrepareAsyncCall(context, queue); });
    CallRequest request;
    CallReply reply;
    request.set_chunk("x");
    EXPECT_TRUE(co_await stream->Send(request));
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_EQ(server_.in_flight(), 1);
    co_await server_.Drain(100ms);
    EXPECT_FALSE(co_await stream->Receive(reply));
  });
}

}  // namespace
}  // namespace patchbay::rpc
