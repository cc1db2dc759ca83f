#include "workers/upstream/service.h"

#include <utility>

#include "lib/base/on_exit.h"
#include "lib/base/text.h"
#include "lib/time/proto_time.h"
#include "workers/upstream/call/fetch.h"
#include "workers/upstream/call/notify.h"

namespace patchbay::upstream {
namespace {

PoolLimits LimitsOf(const config::v1::Upstream& config) {
  return {.idle_per_key = static_cast<std::size_t>(config.idle_connections_per_account()),
          .idle_timeout = ToMilliseconds(config.idle_connection_timeout())};
}

}  // namespace

// Holds the call's place among the open ones.
struct UpstreamService::Open {
  explicit Open(UpstreamService& s) : service(s) {
    ++service.calls_open_;
    ++service.calls_total_;
  }
  ~Open() {
    if (--service.calls_open_ == 0) service.all_done_.Notify();
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  UpstreamService& service;
};

Result<void> UpstreamService::Configure(const config::v1::Config& config) {
  ASSIGN_OR_RETURN(context_.providers, Providers::FromConfig(config));
  context_.config = config.upstream();
  context_.pool->SetLimits(LimitsOf(config.upstream()));
  // Connections made under other settings of trust are not used again.
  context_.pool->CloseIdle();
  return {};
}

void UpstreamService::Register(rpc::Server& server) {
  server.Register(grpc_);
  server.Bidi(
      grpc_, &v1::Upstream::AsyncService::RequestCall,
      [this](rpc::CallInfo,
             std::shared_ptr<rpc::ServerStream<v1::CallRequest, v1::CallReply>> stream) -> Awaitable<Result<void>> {
        const auto on_cancel = [stream = stream.get()](std::function<void()> end) {
          stream->OnCancelled(std::move(end));
        };
        co_return co_await Call(*stream, on_cancel);
      });
  server.Bidi(
      grpc_, &v1::Upstream::AsyncService::RequestSocket,
      [this](rpc::CallInfo,
             std::shared_ptr<rpc::ServerStream<v1::SocketRequest, v1::SocketReply>> stream) -> Awaitable<Result<void>> {
        const OnCancel on_cancel = [stream = stream.get()](std::function<void()> end) {
          stream->OnCancelled(std::move(end));
        };
        const std::shared_ptr<SocketStream> socket = stream;  // named: no temporaries inside co_await (GCC 12)
        co_return co_await Socket(socket, on_cancel);
      });
  server.Unary(grpc_, &v1::Upstream::AsyncService::RequestFetch,
               [this](rpc::CallInfo, v1::FetchRequest request) -> Awaitable<Result<v1::FetchReply>> {
                 co_return co_await Fetch(std::move(request));
               });
  server.Unary(grpc_, &v1::Upstream::AsyncService::RequestReadError,
               [this](rpc::CallInfo, v1::ReadErrorRequest request) -> Awaitable<Result<v1::ReadErrorReply>> {
                 co_return ReadError(request);
               });
  server.Unary(grpc_, &v1::Upstream::AsyncService::RequestCallersUsage,
               [this](rpc::CallInfo, v1::CallersUsageRequest request) -> Awaitable<Result<v1::CallersUsageReply>> {
                 if (draining_) co_return Error(ErrorCode::kUnavailable, "this worker is draining");
                 const Open open(*this);
                 co_return co_await RunCallersUsage(context_, std::move(request));
               });
  server.Unary(grpc_, &v1::Upstream::AsyncService::RequestNotify,
               [this](rpc::CallInfo, v1::NotifyRequest request) -> Awaitable<Result<v1::NotifyReply>> {
                 co_return co_await Notify(std::move(request));
               });
}

Awaitable<Result<void>> UpstreamService::Call(CallStream& stream, OnCancel on_cancel) {
  if (draining_) co_return Error(ErrorCode::kUnavailable, "this worker is draining");
  if (calls_open_ >= kMaxOpenCalls) co_return Error(ErrorCode::kResourceExhausted, "too many calls");
  const Open open(*this);
  ModelCall call(context_, stream);
  on_cancel([&call] { call.Cancel(); });
  Result<void> result = co_await call.Run();
  on_cancel(nullptr);
  co_return result;
}

Awaitable<Result<void>> UpstreamService::Socket(std::shared_ptr<SocketStream> stream, OnCancel on_cancel) {
  if (draining_) co_return Error(ErrorCode::kUnavailable, "this worker is draining");
  if (sockets_.size() >= kMaxOpenSockets) co_return Error(ErrorCode::kResourceExhausted, "too many sockets");
  const Open open(*this);
  const auto socket = std::make_shared<SocketCall>(context_, std::move(stream));
  sockets_.insert(socket);
  // However Run ends: nothing of the socket stays open or listed.
  const OnExit over([this, &socket] {
    socket->Cancel();
    sockets_.erase(socket);
  });
  on_cancel([weak = std::weak_ptr(socket)] {
    if (const auto alive = weak.lock()) alive->Cancel();
  });
  Result<void> result = co_await socket->Run();
  on_cancel(nullptr);
  co_return result;
}

Awaitable<Result<v1::FetchReply>> UpstreamService::Fetch(v1::FetchRequest request) {
  if (draining_) co_return Error(ErrorCode::kUnavailable, "this worker is draining");
  const Open open(*this);
  co_return co_await RunFetch(context_, std::move(request));
}

Result<v1::ReadErrorReply> UpstreamService::ReadError(const v1::ReadErrorRequest& request) const {
  const auto provider = context_.providers.Find(request.provider());
  if (!provider) return Error(ErrorCode::kNotFound, "unknown provider '" + request.provider() + "'");
  ResponseHead head;
  head.status = request.status();
  for (const auto& header : request.headers()) head.headers.push_back({LowerCase(header.name()), header.value()});
  const std::string_view body = std::string_view(request.body()).substr(0, kMaxErrorBodyBytes);
  const WallTime now = context_.clock->Now();
  v1::ReadErrorReply reply;
  *reply.mutable_failure() = provider->dialect->DecodeError(head, body, now);
  if (!provider->dialect->DecodeRateLimits(head.headers, now, *reply.mutable_rate_limits())) reply.clear_rate_limits();
  return reply;
}

Awaitable<Result<v1::NotifyReply>> UpstreamService::Notify(v1::NotifyRequest request) {
  if (draining_) co_return Error(ErrorCode::kUnavailable, "this worker is draining");
  const Open open(*this);
  co_return co_await RunNotify(context_, std::move(request));
}

Awaitable<void> UpstreamService::Drain() {
  draining_ = true;
  const auto sockets = sockets_;  // closing one takes it out
  for (const auto& socket : sockets) socket->Drain();
  while (calls_open_ > 0) co_await all_done_.Wait();
  context_.pool->CloseIdle();
}

std::map<std::string, std::int64_t> UpstreamService::Counters() const {
  const PoolStats& pool = context_.pool->stats();
  return {{"in_flight", calls_open_},
          {"served_total", calls_total_},
          {"connections_idle", pool.idle},
          {"connections_busy", pool.busy},
          {"connections_opened_total", pool.opened_total},
          {"sockets_open", static_cast<std::int64_t>(sockets_.size())},
          {"credentials_known", static_cast<std::int64_t>(context_.credentials->size())}};
}

}  // namespace patchbay::upstream
