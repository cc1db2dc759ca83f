// What the reactor promises of gRPC's internals: look here first after an upgrade of gRPC.
#include "lib/rpc/reactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "lib/async/event.h"
#include "lib/async/spawn.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/server.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "tests/unit/lib/rpc/rpc_harness.h"

namespace patchbay::rpc {
namespace {

using upstream::v1::CallReply;
using upstream::v1::CallRequest;
using upstream::v1::FetchReply;
using upstream::v1::FetchRequest;
using upstream::v1::Upstream;
using namespace std::chrono_literals;

// The names of this process's threads, as the kernel cuts them: 15 characters.
std::vector<std::string> ThreadNames() {
  std::vector<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    std::getline(file, name);
    names.push_back(std::move(name));
  }
  return names;
}

// A server and a client without a tick: whatever gRPC completes must wake the reactor by itself.
class TicklessReactor : public ::testing::Test, protected testing::RpcFixture {
 protected:
  TicklessReactor() : RpcFixture(false, std::chrono::hours(1)) {
    for (Server* server : {&server_, &second_}) server->SetVerifier(&verifier_);
    Serve(server_, service_, listener_);
    Serve(second_, second_service_, second_listener_);
  }
  void TearDown() override {
    RunToEnd([this]() -> Awaitable<void> {
      co_await server_.Drain(0ms);
      co_await second_.Drain(0ms);
    });
  }

  static void Serve(Server& server, Upstream::AsyncService& service, const testing::UnixListener& listener) {
    server.Register(service);
    server.Unary(service, &Upstream::AsyncService::RequestFetch,
                 [](CallInfo, FetchRequest request) -> Awaitable<Result<FetchReply>> {
                   FetchReply reply;
                   reply.set_body(request.body());
                   co_return reply;
                 });
    server.Bidi(service, &Upstream::AsyncService::RequestCall,
                [](CallInfo, std::shared_ptr<ServerStream<CallRequest, CallReply>> stream) -> Awaitable<Result<void>> {
                  CallRequest request;
                  CallReply reply;
                  while (co_await stream->Receive(request)) {
                    reply.set_chunk(request.chunk());
                    co_await stream->Send(reply);
                  }
                  co_return Result<void>();
                });
    PATCHBAY_CHECK(server.Start({listener.fd}).ok());
  }

  Awaitable<void> FetchAgainAndAgain(const testing::UnixListener& listener, std::size_t bytes, int times) {
    auto stub = Upstream::NewStub(ChannelTo(listener, Role::kAccounts));
    FetchRequest request;
    request.set_body(std::string(bytes, 'x'));
    for (int i = 0; i < times; ++i) {
      const auto reply = co_await Unary<FetchReply>(
          reactor_, 15s, [&](auto* context, auto* queue) { return stub->AsyncFetch(context, request, queue); });
      EXPECT_EQ(reply.ok() ? reply->body().size() : 0, bytes);
      if (!reply.ok()) co_return;
    }
  }

  testing::UnixListener second_listener_;
  Upstream::AsyncService service_, second_service_;
  Server server_{reactor_};
  Server second_{reactor_, Role::kNone};
};

TEST_F(TicklessReactor, RunsInFastModeOnAPinnedGrpc) { EXPECT_EQ(reactor_.mode(), Reactor::Mode::kFast); }

TEST_F(TicklessReactor, LosesNoUnaryCall) {
  RunToEnd([&]() -> Awaitable<void> { co_await FetchAgainAndAgain(listener_, 10, 500); });
}

TEST_F(TicklessReactor, LosesNoCallOfASecondServersQueue) {
  RunToEnd([&]() -> Awaitable<void> { co_await FetchAgainAndAgain(second_listener_, 10, 500); });
}

// As a frontend does, which is told its configuration by a call, and then opens a server of its own for other machines.
TEST_F(TicklessReactor, TakesServersWhileItLooksAtItsQueues) {
  RunToEnd([&]() -> Awaitable<void> {
    co_await FetchAgainAndAgain(listener_, 10, 1);
    std::vector<std::unique_ptr<Upstream::AsyncService>> services;
    std::vector<std::unique_ptr<Server>> servers;
    for (int i = 0; i < 20; ++i) {
      const testing::UnixListener listener;
      services.push_back(std::make_unique<Upstream::AsyncService>());
      servers.push_back(std::make_unique<Server>(reactor_, Role::kNone));
      servers.back()->SetVerifier(&verifier_);
      Serve(*servers.back(), *services.back(), listener);
      co_await FetchAgainAndAgain(listener, 10, 2);
    }
    for (const auto& server : servers) co_await server->Drain(0ms);
  });
}

TEST_F(TicklessReactor, LosesNoMessageOfManyStreamsAtOnce) {
  RunToEnd([&]() -> Awaitable<void> {
    constexpr int kStreams = 40;
    int running = kStreams;
    async::Event ended(io_.get_executor());
    auto stub = std::shared_ptr<Upstream::Stub>(Upstream::NewStub(ChannelTo(listener_, Role::kFrontend)));
    const auto talk = [&]() -> Awaitable<void> {
      auto stream = OpenStream<CallRequest, CallReply>(
          reactor_, [&](auto* context, auto* queue) { return stub->PrepareAsyncCall(context, queue); });
      CallRequest request;
      CallReply reply;
      for (int i = 0; i < 25; ++i) {
        request.set_chunk(std::string(static_cast<std::size_t>(i) * 997, 'x'));
        EXPECT_TRUE(co_await stream->Send(request));
        EXPECT_TRUE(co_await stream->Receive(reply));
      }
      co_await stream->CloseSend();
      EXPECT_FALSE(co_await stream->Receive(reply));
      --running;
      ended.Notify();
    };
    for (int i = 0; i < kStreams; ++i) async::Spawn(io_, "talk", talk());
    while (running > 0) co_await ended.Wait();
  });
}

TEST_F(TicklessReactor, NeedsNoThreadOfGrpcsForLargeMessages) {
  constexpr std::size_t kLarge = 4 << 20;
  RunToEnd([&]() -> Awaitable<void> { co_await FetchAgainAndAgain(listener_, kLarge, 10); });
  EXPECT_THAT(ThreadNames(), ::testing::Not(::testing::Contains(::testing::StartsWith("default-exec"))));
}

}  // namespace
}  // namespace patchbay::rpc
