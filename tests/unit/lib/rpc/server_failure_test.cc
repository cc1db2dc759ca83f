// What a bug in a handler costs: its call, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "grpc/health/v1/health.grpc.pb.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/server.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"
#include "patchbay/gateway/v1/recorder.grpc.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "tests/unit/lib/rpc/rpc_harness.h"

namespace patchbay::rpc {
namespace {

using accounts::v1::Credentials;
using accounts::v1::CredentialUpdate;
using accounts::v1::WatchCredentialsRequest;
using gateway::v1::Recorder;
using upstream::v1::CallReply;
using upstream::v1::CallRequest;
using upstream::v1::FetchReply;
using upstream::v1::FetchRequest;
using upstream::v1::Upstream;
using namespace std::chrono_literals;

// Throws in a function of its own, so that handlers stay coroutines with a body.
void Fail() { throw std::out_of_range("no such account"); }

class ServerFailureTest : public RpcTest {
 protected:
  ServerFailureTest() {
    server_.SetVerifier(&verifier_);
    server_.Register(upstream_);
    server_.Register(credentials_);
    server_.Unary(upstream_, &Upstream::AsyncService::RequestFetch,
                  [](CallInfo, FetchRequest request) -> Awaitable<Result<FetchReply>> {
                    if (request.provider() == "broken") Fail();
                    co_return FetchReply();
                  });
    server_.Bidi(upstream_, &Upstream::AsyncService::RequestCall,
                 [](CallInfo, std::shared_ptr<ServerStream<CallRequest, CallReply>> stream) -> Awaitable<Result<void>> {
                   CallRequest request;
                   CallReply reply;
                   while (co_await stream->Receive(request)) {
                     co_await stream->Send(reply);
                     Fail();
                   }
                   co_return Result<void>();
                 });
    server_.Watch(credentials_, &Credentials::AsyncService::RequestWatch,
                  [](CallInfo, WatchCredentialsRequest,
                     std::shared_ptr<ServerWriter<CredentialUpdate>>) -> Awaitable<Result<void>> {
                    Fail();
                    co_return Result<void>();
                  });
    server_.Generic({"patchbay.gateway.v1.Recorder"},
                    [](CallInfo, grpc::ByteBuffer) -> Awaitable<Result<grpc::ByteBuffer>> {
                      Fail();
                      co_return grpc::ByteBuffer();
                    });
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }

  void TearDown() override {
    RunToEnd([this]() -> Awaitable<void> { co_await server_.Drain(0ms); });
  }

  Awaitable<Result<FetchReply>> Fetch(FetchRequest request) {
    auto stub = Upstream::NewStub(ChannelAs(Role::kAccounts));
    co_return co_await Unary<FetchReply>(
        reactor_, 15s, [&](auto* context, auto* queue) { return stub->AsyncFetch(context, request, queue); });
  }

  Upstream::AsyncService upstream_;
  Credentials::AsyncService credentials_;
  Server server_{reactor_};
};

INSTANTIATE_TEST_SUITE_P(Modes, ServerFailureTest, ::testing::Values(false, true), NameOfMode);

TEST_P(ServerFailureTest, AnswersInternalAtOnceWhenAUnaryHandlerThrowsAndGoesOnServing) {
  RunToEnd([&]() -> Awaitable<void> {
    FetchRequest broken;
    broken.set_provider("broken");
    const auto reply = co_await Fetch(broken);
    EXPECT_FALSE(reply.ok());
    if (!reply.ok()) {
      EXPECT_EQ(reply.error().code, ErrorCode::kInternal);
      EXPECT_THAT(reply.error().message, ::testing::Not(::testing::HasSubstr("no such account")))
          << "what the exception says is for the log";
    }
    EXPECT_EQ(server_.handler_failures(), 1);
    // The answer may arrive before the server's own side of the call has ended.
    asio::steady_timer look(reactor_.io());
    for (const auto give_up = std::chrono::steady_clock::now() + 15s;
         server_.in_flight() != 0 && std::chrono::steady_clock::now() < give_up;) {
      look.expires_after(1ms);
      co_await look.async_wait(asio::use_awaitable);
    }
    EXPECT_EQ(server_.in_flight(), 0);
    EXPECT_TRUE((co_await Fetch(FetchRequest())).ok());
  });
}

TEST_P(ServerFailureTest, EndsAStreamWithInternalWhenItsHandlerThrowsInTheMiddle) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Upstream::NewStub(ChannelAs(Role::kFrontend));
    auto stream = OpenStream<CallRequest, CallReply>(
        reactor_, [&](auto* context, auto* queue) { return stub->PrepareAsyncCall(context, queue); });
    CallReply reply;
    const CallRequest request;
    EXPECT_TRUE(co_await stream->Send(request));
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_FALSE(co_await stream->Receive(reply));
    const auto status = co_await stream->Finish();
    EXPECT_EQ(status.ok() ? ErrorCode::kCancelled : status.error().code, ErrorCode::kInternal);
    EXPECT_EQ(server_.handler_failures(), 1);
  });
}

TEST_P(ServerFailureTest, EndsAWatchWithInternalWhenItsHandlerThrows) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Credentials::NewStub(ChannelAs(Role::kUpstream));
    const WatchCredentialsRequest request;
    auto reader = co_await ServerStreamReader<CredentialUpdate>::Open(
        reactor_,
        [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    CredentialUpdate update;
    EXPECT_FALSE(co_await reader->Receive(update));
    const auto status = co_await reader->Finish();
    EXPECT_EQ(status.ok() ? ErrorCode::kCancelled : status.error().code, ErrorCode::kInternal);
    EXPECT_EQ(server_.handler_failures(), 1);
  });
}

TEST_P(ServerFailureTest, AnswersInternalWhenTheRelayThrows) {
  RunToEnd([&]() -> Awaitable<void> {
    auto stub = Recorder::NewStub(ChannelAs(Role::kOperator));
    const gateway::v1::NextRecordingRequest request;
    const auto reply = co_await Unary<gateway::v1::NextRecordingReply>(
        reactor_, 15s, [&](auto* context, auto* queue) { return stub->AsyncNextRecording(context, request, queue); });
    EXPECT_EQ(reply.ok() ? ErrorCode::kCancelled : reply.error().code, ErrorCode::kInternal);
    EXPECT_EQ(server_.handler_failures(), 1);
  });
}

template <class Base, class... Arguments>
const std::type_info& ClassOf(void (Base::*)(Arguments...)) {
  return typeid(Base);
}

TEST(MethodOf, TellsTwoMethodsWithOneRequestMessageApart) {
  using Health = grpc::health::v1::Health::AsyncService;
  const auto* request = grpc::health::v1::HealthCheckRequest::descriptor();
  const auto* reply = grpc::health::v1::HealthCheckResponse::descriptor();
  EXPECT_EQ(internal::MethodOf(ClassOf(&Health::RequestCheck), request, reply), "/grpc.health.v1.Health/Check");
  EXPECT_EQ(internal::MethodOf(ClassOf(&Health::RequestWatch), request, reply), "/grpc.health.v1.Health/Watch");
}

TEST(MethodOfDeathTest, RefusesWhatTheServiceDoesNotHave) {
  const auto* request = FetchRequest::descriptor();
  EXPECT_DEATH(internal::MethodOf(typeid(int), request, FetchReply::descriptor()), "CHECK failed");
  EXPECT_DEATH(internal::MethodOf(ClassOf(&Upstream::AsyncService::RequestFetch), request, CallReply::descriptor()),
               "CHECK failed");
}

}  // namespace
}  // namespace patchbay::rpc
