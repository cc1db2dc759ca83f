#include "lib/rpc/channel.h"

#include <gtest/gtest.h>

#include <utility>

#include "lib/rpc/server.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "tests/unit/lib/rpc/rpc_harness.h"

namespace patchbay::rpc {
namespace {

using upstream::v1::FetchReply;
using upstream::v1::FetchRequest;
using upstream::v1::Upstream;
using namespace std::chrono_literals;

class ChannelTest : public RpcTest {};

INSTANTIATE_TEST_SUITE_P(Modes, ChannelTest, ::testing::Values(false, true), NameOfMode);

// On a busy machine a process may take long from its listener to its first accept.
TEST_P(ChannelTest, BearsWithAPeerThatIsSlowToGreet) {
  Upstream::AsyncService service;
  Server server(reactor_);
  server.SetVerifier(&verifier_);
  server.Register(service);
  server.Unary(service, &Upstream::AsyncService::RequestFetch,
               [](CallInfo, FetchRequest) -> Awaitable<Result<FetchReply>> { co_return FetchReply(); });
  asio::steady_timer begins(io_, 500ms);
  begins.async_wait([&](boost::system::error_code) { PATCHBAY_CHECK(server.Start({listener_.fd}).ok()); });
  RunToEnd([&]() -> Awaitable<void> {
    const auto stub = Upstream::NewStub(ChannelAs(Role::kAccounts));
    const auto reply = co_await Unary<FetchReply>(
        reactor_, 10s, [&](auto* context, auto* queue) { return stub->AsyncFetch(context, FetchRequest(), queue); });
    EXPECT_TRUE(reply.ok()) << reply.error().message;
    co_await server.Drain(0ms);
  });
}

TEST_P(ChannelTest, SaysAtOnceThatNobodyListens) {
  RunToEnd([&]() -> Awaitable<void> {
    const auto stub = Upstream::NewStub(MakeChannel("unix:" + listener_.path + ".none", Secret()));
    const auto began = std::chrono::steady_clock::now();
    const auto reply = co_await Unary<FetchReply>(
        reactor_, 30s, [&](auto* context, auto* queue) { return stub->AsyncFetch(context, FetchRequest(), queue); });
    EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 15s);
  });
}

// How a stream of `channel` ends that says nothing: whether it broke, and its error.
Awaitable<std::pair<bool, Error>> EndOfSilentStream(Reactor& reactor, std::shared_ptr<grpc::Channel> channel) {
  const auto stub = accounts::v1::Credentials::NewStub(channel);
  const accounts::v1::WatchCredentialsRequest request;
  auto reader = co_await ServerStreamReader<accounts::v1::CredentialUpdate>::Open(
      reactor, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
        return stub->AsyncWatch(context, request, queue, tag);
      });
  accounts::v1::CredentialUpdate update;
  const bool came = co_await reader->Receive(update);
  EXPECT_FALSE(came);
  const Result<void> ended = co_await reader->Finish();
  EXPECT_FALSE(ended.ok());
  std::pair<bool, Error> end(reader->broke(), ended.error());
  co_return end;
}

TEST_P(ChannelTest, TellsALostConnectionFromAnEndThatTheServerMade) {
  accounts::v1::Credentials::AsyncService service;
  Server server(reactor_);
  server.SetVerifier(&verifier_);
  server.Register(service);
  server.Watch(service, &accounts::v1::Credentials::AsyncService::RequestWatch,
               [](CallInfo, accounts::v1::WatchCredentialsRequest,
                  std::shared_ptr<ServerWriter<accounts::v1::CredentialUpdate>> writer) -> Awaitable<Result<void>> {
                 writer->AddTrailer("x-why", "refused");
                 co_return Error(ErrorCode::kUnavailable, "not now");
               });
  ASSERT_TRUE(server.Start({listener_.fd}).ok());
  RunToEnd([&]() -> Awaitable<void> {
    const auto refused = co_await EndOfSilentStream(reactor_, ChannelAs(Role::kUpstream));
    EXPECT_FALSE(refused.first);
    EXPECT_EQ(refused.second.message, "not now");
    const auto nobody = MakeChannel("unix:" + listener_.path + ".none", Secret());
    const auto lost = co_await EndOfSilentStream(reactor_, nobody);
    EXPECT_TRUE(lost.first);
    EXPECT_EQ(lost.second.code, ErrorCode::kUnavailable);
    co_await server.Drain(0ms);
  });
}

}  // namespace
}  // namespace patchbay::rpc
