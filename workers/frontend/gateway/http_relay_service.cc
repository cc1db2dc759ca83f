#include "workers/frontend/gateway/http_relay_service.h"

#include <string>
#include <utility>

#include "lib/async/event.h"
#include "lib/base/on_exit.h"
#include "lib/rpc/server.h"
#include "patchbay/gateway/v1/relay.grpc.pb.h"
#include "workers/frontend/gateway/gateway_service.h"
#include "workers/frontend/recorder/bridged_calls.h"

namespace patchbay::frontend {
namespace {

using gateway::v1::HttpPiece;
using PieceStream = rpc::ServerStream<HttpPiece, HttpPiece>;

class StreamPieces final : public RelayPieces {
 public:
  explicit StreamPieces(std::shared_ptr<PieceStream> stream) : stream_(std::move(stream)) {}
  Awaitable<bool> Receive(HttpPiece& piece) override { return stream_->Receive(piece); }
  Awaitable<bool> Send(const HttpPiece& piece) override { return stream_->Send(piece); }
  void Cancel() override { stream_->Cancel(); }
  void OnCancelled(std::function<void()> callback) override { stream_->OnCancelled(std::move(callback)); }

 private:
  std::shared_ptr<PieceStream> stream_;
};

}  // namespace

class HttpRelayService::Impl {
 public:
  Impl(asio::any_io_executor executor, async::TimeSource& t, const GatewayCallers& c, Handle h,
       const net::HttpLimits& l, BridgedCalls* b)
      : time(t), callers(c), handle(std::move(h)), limits(l), bridged(b), idle(std::move(executor)) {}

  Awaitable<Result<void>> Exchange(rpc::CallInfo info, std::shared_ptr<PieceStream> stream) {
    ++in_flight;
    const OnExit ended([this] {
      if (--in_flight == 0) idle.Notify();
    });
    CO_ASSIGN_OR_RETURN(GatewayCaller caller, co_await callers.Know(PeerOf(std::move(info))));
    HttpPiece first;
    auto overdue = time.After(limits.head_timeout, [stream] { stream->Cancel(); });
    const bool came = co_await stream->Receive(first);
    overdue.reset();
    if (!came || !first.has_head() || !first.head().target().starts_with('/')) {
      co_return Error(ErrorCode::kInvalidArgument, "the first message has no head of a request");
    }
    const std::string from = caller.address.empty() ? "unix" : caller.address;
    const auto exchange =
        std::make_shared<RelayExchange>(std::move(first), from, limits, std::make_shared<StreamPieces>(stream), time);
    co_await handle(exchange, std::move(caller.key));
    if (exchange->finished()) co_return Result<void>();
    co_return Error(ErrorCode::kUnavailable, "the answer was cut");
  }

  Awaitable<Result<gateway::v1::TellClientReply>> Tell(rpc::CallInfo info, gateway::v1::Recording told) {
    CO_ASSIGN_OR_RETURN(const GatewayCaller caller, co_await callers.Know(PeerOf(std::move(info))));
    if (bridged != nullptr) bridged->Tell(caller.key.id, std::move(told));
    co_return gateway::v1::TellClientReply();
  }

  async::TimeSource& time;
  const GatewayCallers& callers;
  Handle handle;
  net::HttpLimits limits;
  BridgedCalls* bridged;
  async::Event idle;  // no exchange runs any more
  int in_flight = 0;
  gateway::v1::Relay::AsyncService service;
};

HttpRelayService::HttpRelayService(asio::any_io_executor executor, async::TimeSource& time,
                                   const GatewayCallers& callers, Handle handle, const net::HttpLimits& limits,
                                   BridgedCalls* bridged)
    : impl_(std::make_unique<Impl>(std::move(executor), time, callers, std::move(handle), limits, bridged)) {}
HttpRelayService::~HttpRelayService() = default;

void HttpRelayService::SetLimits(const net::HttpLimits& limits) { impl_->limits = limits; }

Awaitable<void> HttpRelayService::Drain() {
  while (impl_->in_flight > 0) co_await impl_->idle.Wait();  // bounded by the drain deadline of whoever waits for us
}

void HttpRelayService::RegisterOn(rpc::Server& server) {
  server.Register(impl_->service);
  server.Bidi(impl_->service, &gateway::v1::Relay::AsyncService::RequestExchange,
              [impl = impl_.get()](rpc::CallInfo info, std::shared_ptr<PieceStream> stream) {
                return impl->Exchange(std::move(info), std::move(stream));
              });
  server.Unary(impl_->service, &gateway::v1::Relay::AsyncService::RequestTellClient,
               [impl = impl_.get()](rpc::CallInfo info, gateway::v1::Recording told) {
                 return impl->Tell(std::move(info), std::move(told));
               });
}

}  // namespace patchbay::frontend
