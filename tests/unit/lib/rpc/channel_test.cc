#include "lib/rpc/channel.h"

#include <gtest/gtest.h>

#include "lib/rpc/server.h"
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

}  // namespace
}  // namespace patchbay::rpc
