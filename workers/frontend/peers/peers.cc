#include "workers/frontend/peers/peers.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/log/log.h"
#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/client_keys.grpc.pb.h"
#include "patchbay/accounts/v1/leasing.grpc.pb.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"

namespace patchbay::frontend {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kListModelsTimeout{2'000};
// How long a call waits for an upstream that restarts before it counts as failed.
constexpr milliseconds kUpstreamPatience{10'000};

class GrpcUpstreamCaller final : public UpstreamCaller {
 public:
  GrpcUpstreamCaller(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel)
      : reactor_(reactor), channel_(std::move(channel)), stub_(upstream::v1::Upstream::NewStub(channel_)) {}

  Awaitable<std::unique_ptr<CallStream>> Open() override {
    co_await rpc::WaitUntilReady(reactor_, channel_, kUpstreamPatience);
    co_return rpc::OpenStream<upstream::v1::CallRequest, upstream::v1::CallReply>(
        reactor_, [this](auto* context, auto* queue) { return stub_->PrepareAsyncCall(context, queue); });
  }

 private:
  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<upstream::v1::Upstream::Stub> stub_;
};

class GrpcSocketCaller final : public SocketCaller {
 public:
  GrpcSocketCaller(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel)
      : reactor_(reactor), channel_(std::move(channel)), stub_(upstream::v1::Upstream::NewStub(channel_)) {}

  Awaitable<std::unique_ptr<SocketStream>> OpenSocket() override {
    co_await rpc::WaitUntilReady(reactor_, channel_, kUpstreamPatience);
    co_return rpc::OpenStream<upstream::v1::SocketRequest, upstream::v1::SocketReply>(
        reactor_, [this](auto* context, auto* queue) { return stub_->PrepareAsyncSocket(context, queue); });
  }

 private:
  rpc::Reactor& reactor_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<upstream::v1::Upstream::Stub> stub_;
};

}  // namespace

LeaseClient::OpenStream LeaseStreamOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts) {
  const std::shared_ptr<accounts::v1::Leasing::Stub> stub = accounts::v1::Leasing::NewStub(std::move(accounts));
  return [&reactor, stub]() -> Awaitable<std::unique_ptr<LeaseStream>> {
    co_return rpc::OpenStream<accounts::v1::LeaseRequests, accounts::v1::LeaseReplies>(
        reactor, [stub](auto* context, auto* queue) { return stub->PrepareAsyncLease(context, queue); });
  };
}

std::unique_ptr<UpstreamCaller> UpstreamCallerOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream) {
  return std::make_unique<GrpcUpstreamCaller>(reactor, std::move(upstream));
}

std::unique_ptr<SocketCaller> SocketCallerOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream) {
  return std::make_unique<GrpcSocketCaller>(reactor, std::move(upstream));
}

ModelCatalog::Fetch ModelFetchOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts) {
  const std::shared_ptr<accounts::v1::Models::Stub> stub = accounts::v1::Models::NewStub(std::move(accounts));
  return [&reactor, stub]() -> Awaitable<Result<accounts::v1::ListModelsReply>> {
    const accounts::v1::ListModelsRequest request;
    co_return co_await rpc::Unary<accounts::v1::ListModelsReply>(
        reactor, kListModelsTimeout,
        [&](auto* context, auto* queue) { return stub->AsyncListModels(context, request, queue); });
  };
}

ModelCatalog::Resolve ModelResolveOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts) {
  const std::shared_ptr<accounts::v1::Models::Stub> stub = accounts::v1::Models::NewStub(std::move(accounts));
  return [&reactor, stub](std::string name) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
    accounts::v1::ResolveModelRequest request;
    request.set_name(std::move(name));
    co_return co_await rpc::Unary<accounts::v1::ResolveModelReply>(
        reactor, kListModelsTimeout,
        [&](auto* context, auto* queue) { return stub->AsyncResolveModel(context, request, queue); });
  };
}

struct KeyWatcher::Call {
  std::unique_ptr<rpc::ServerStreamReader<accounts::v1::ClientKeyUpdate>> reader;
};

KeyWatcher::KeyWatcher(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts, ClientAuth& auth)
    : reactor_(reactor), accounts_(std::move(accounts)), auth_(auth), pause_timer_(reactor.io()) {}
KeyWatcher::~KeyWatcher() = default;

Awaitable<void> KeyWatcher::Run() {
  const auto stub = accounts::v1::ClientKeys::NewStub(accounts_);
  const accounts::v1::WatchClientKeysRequest request;
  milliseconds pause = kReconnectMin;
  while (!stopped_) {
    call_ = std::make_unique<Call>();
    call_->reader = co_await rpc::ServerStreamReader<accounts::v1::ClientKeyUpdate>::Open(
        reactor_,
        [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    auth_.BeginSet();
    accounts::v1::ClientKeyUpdate update;
    while (co_await call_->reader->Receive(update)) {
      pause = kReconnectMin;
      auth_.Apply(update);
      if (update.has_synced()) log::Info("keys.synced", {{"keys", auth_.size()}});
    }
    const Result<void> status = co_await call_->reader->Finish();
    call_.reset();
    if (stopped_) break;
    if (!status.ok()) log::Debug("keys.watch_ended", {{"reason", status.error().message}});
    pause_timer_.expires_after(pause);
    co_await pause_timer_.async_wait(asio::as_tuple(asio::use_awaitable));  // Stop cuts it short
    pause = std::min(pause * 2, kReconnectMax);
  }
}

void KeyWatcher::Stop() {
  stopped_ = true;
  if (call_ && call_->reader) call_->reader->Cancel();
  pause_timer_.cancel();
}

Awaitable<bool> IsReachable(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel) {
  constexpr milliseconds kLook{10};
  asio::steady_timer timer(reactor.io());
  for (milliseconds waited{0}; waited < kReachableWait; waited += kLook) {
    if (channel->GetState(true) == GRPC_CHANNEL_READY) co_return true;
    reactor.Poke();
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return false;
}

}  // namespace patchbay::frontend
