#include "workers/frontend/peers/grpc_callers.h"

#include <chrono>
#include <utility>

#include "lib/rpc/channel.h"
#include "patchbay/accounts/v1/leasing.grpc.pb.h"
#include "patchbay/accounts/v1/models.grpc.pb.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"

namespace patchbay::frontend {
namespace {

using std::chrono::milliseconds;

// Longer than accounts waits for a list that is on its way.
constexpr milliseconds kResolveTimeout{4'000};
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

AskCallersUsage CallersUsageOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> upstream) {
  const std::shared_ptr<upstream::v1::Upstream::Stub> stub = upstream::v1::Upstream::NewStub(std::move(upstream));
  return [&reactor,
          stub](upstream::v1::CallersUsageRequest request) -> Awaitable<Result<upstream::v1::CallersUsageReply>> {
    co_return co_await rpc::Unary<upstream::v1::CallersUsageReply>(
        reactor, kUpstreamPatience + milliseconds(2'000),
        [&](auto* context, auto* queue) { return stub->AsyncCallersUsage(context, request, queue); });
  };
}

ModelCatalog::Resolve ModelResolveOf(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> accounts) {
  const std::shared_ptr<accounts::v1::Models::Stub> stub = accounts::v1::Models::NewStub(std::move(accounts));
  return [&reactor, stub](std::string name) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
    accounts::v1::ResolveModelRequest request;
    request.set_name(std::move(name));
    co_return co_await rpc::Unary<accounts::v1::ResolveModelReply>(
        reactor, kResolveTimeout,
        [&](auto* context, auto* queue) { return stub->AsyncResolveModel(context, request, queue); });
  };
}

}  // namespace patchbay::frontend
