#include "lib/rpc/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "lib/async/event.h"
#include "lib/base/random.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/credentials.grpc.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"

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

// A listening Unix socket, as the supervisor makes it.
struct UnixListener {
  UnixListener() : path("/tmp/pb-rpc-" + RandomId("") + ".sock"), fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    PATCHBAY_CHECK(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 && listen(fd, 64) == 0);
  }
  ~UnixListener() {
    close(fd);
    std::filesystem::remove(path);
  }
  std::string path;
  int fd;
};

// One process's worth of server and client: both on one reactor.
class ServerTest : public ::testing::TestWithParam<bool> {
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
          auto left = std::make_shared<Event>(io_.get_executor());
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
                  [](CallInfo, WatchCredentialsRequest,
                     std::shared_ptr<ServerWriter<CredentialUpdate>> writer) -> Awaitable<Result<void>> {
                    CredentialUpdate update;
                    for (int i = 0; i < 3; ++i) {
                      update.mutable_upsert()->set_version(i);
                      co_await writer->Send(update);
                    }
                    co_return Result<void>();
                  });
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }

  void TearDown() override {
    Run([this]() -> Awaitable<void> { co_await server_.Drain(0ms); });
  }

  std::shared_ptr<grpc::Channel> ChannelAs(Role role) {
    return MakeChannel("unix:" + listener_.path, issuer_->Issue({.role = role, .worker = "w", .generation = 3}));
  }

  // Runs `body` to its end on the reactor's thread.
  template <class Body>
  void Run(Body body) {
    bool done = false;
    asio::co_spawn(io_, body(), [&](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
      done = true;
      io_.stop();
    });
    io_.run_for(20s);
    io_.restart();
    EXPECT_TRUE(done) << "the test's coroutine did not end";
  }

  Awaitable<Result<FetchReply>> Fetch(std::shared_ptr<grpc::Channel> channel, FetchRequest request,
                                      std::chrono::milliseconds timeout = 5s) {
    auto stub = Upstream::NewStub(channel);
    co_return co_await Unary<FetchReply>(
        reactor_, timeout, [&](auto* context, auto* queue) { return stub->AsyncFetch(context, request, queue); });
  }

  UnixListener listener_;
  asio::io_context io_{1};
  Reactor reactor_{io_, GetParam()};
  std::unique_ptr<TokenIssuer> issuer_ = TokenIssuer::Create().value();
  TokenVerifier verifier_{issuer_->public_key()};
  Upstream::AsyncService upstream_;
  Credentials::AsyncService credentials_;
  Server server_{reactor_};
  Event cancelled_{io_.get_executor()};
  RoleClaim caller_;
};

INSTANTIATE_TEST_SUITE_P(Modes, ServerTest, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Threaded" : "Fast"; });

TEST_P(ServerTest, RunsInTheModeThatWasAskedFor) {
  // The fast mode leans on gRPC 1.51's internals: when this fails after an upgrade, look at reactor.h.
  EXPECT_EQ(reactor_.mode(), GetParam() ? Reactor::Mode::kThreaded : Reactor::Mode::kFast);
}

TEST_P(ServerTest, AnswersUnaryCallsAndTellsTheCaller) {
  Run([&]() -> Awaitable<void> {
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
  Run([&]() -> Awaitable<void> {
    EXPECT_EQ((co_await Fetch(ChannelAs(Role::kFrontend), {})).error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ((co_await Fetch(MakeChannel("unix:" + listener_.path, Secret()), {})).error().code,
              ErrorCode::kPermissionDenied);
    EXPECT_EQ((co_await Fetch(MakeChannel("unix:" + listener_.path, Secret("forged")), {})).error().code,
              ErrorCode::kUnauthenticated);
  });
}

TEST_P(ServerTest, EchoesAThousandMessagesInOrderAndEndsWithTheHandlersStatus) {
  Run([&]() -> Awaitable<void> {
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
  Run([&]() -> Awaitable<void> {
    FetchRequest request;
    request.set_body(std::string(10 << 20, 'x'));
    const auto reply = co_await Fetch(ChannelAs(Role::kAccounts), request);
    EXPECT_TRUE(reply.ok());
    EXPECT_EQ(reply.ok() ? reply->body().size() : 0, request.body().size());
  });
}

TEST_P(ServerTest, TellsTheHandlerWhenTheClientCancels) {
  Run([&]() -> Awaitable<void> {
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
  Run([&]() -> Awaitable<void> {
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

TEST_P(ServerTest, UnaryCallsEndAtTheirTimeoutWhenNobodyListens) {
  Run([&]() -> Awaitable<void> {
    server_.StopAccepting();  // connects wait in the backlog
    const auto reply = co_await Fetch(ChannelAs(Role::kAccounts), {}, 50ms);
    EXPECT_EQ(reply.error().code, ErrorCode::kDeadlineExceeded);
  });
}

TEST_P(ServerTest, DrainWaitsForRunningCallsAndCutsThemAtTheDeadline) {
  Run([&]() -> Awaitable<void> {
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
