// Channels to other processes of ours, over Unix sockets, and awaitable client calls on them.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "lib/base/secret.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/status.h"
#include "lib/rpc/stream.h"
#include "lib/rpc/tls.h"

namespace patchbay::rpc {

// Largest message either side accepts: a whole canonical request (64 MiB body) and its framing.
inline constexpr int kMaxMessageBytes = 160 * 1024 * 1024;

// A channel to `address` ("unix:/path"). `token` goes with every call as metadata "patchbay-role".
// Reconnects within 5–200 ms; flow control tuned for local sockets (feasibility §1).
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, const Secret& token);

// A channel to `address` ("HOST:PORT") on another machine, by mutual TLS; the other end must be called `name` by its
// certificate, whatever its address is. Reconnects within 100 ms – 5 s, notices within half a minute that the network
// is gone, and shows a renewed certificate at its next connection.
std::shared_ptr<grpc::Channel> MakeTlsChannel(const std::string& address, const TlsFiles& files,
                                              const std::string& name);

// Waits until `channel` is connected, at most `timeout`; false when it is not by then. A peer that restarts is worth
// waiting for: without this, a call in the few milliseconds between its death and the reconnect fails at once.
Awaitable<bool> WaitUntilReady(Reactor& reactor, std::shared_ptr<grpc::Channel> channel,
                               std::chrono::milliseconds timeout);

// One unary call: `start(context, queue)` returns the reader, e.g.
//   co_await rpc::Unary<FetchReply>(reactor, 30s, [&](auto* context, auto* queue) {
//     return stub->AsyncFetch(context, request, queue); });
// `request` must outlive the call. kDeadlineExceeded when `timeout` passes first.
template <class Reply, class Start>
Awaitable<Result<Reply>> Unary(Reactor& reactor, std::chrono::milliseconds timeout, Start start) {
  auto context = std::make_shared<grpc::ClientContext>();
  // A deadline on the context would wake only gRPC's own timer thread, which cannot wake us.
  asio::steady_timer timer(reactor.io(), timeout);
  // Shared: the timer's handler may be queued already when the answer comes first.
  const auto timed_out = std::make_shared<bool>(false);
  timer.async_wait([context, timed_out](boost::system::error_code error) {
    if (error) return;
    *timed_out = true;
    context->TryCancel();
  });
  Reply reply;
  grpc::Status status;
  auto reader = start(context.get(), static_cast<grpc::CompletionQueue*>(reactor.queue()));
  co_await reactor.Run([&](void* tag) { reader->Finish(&reply, &status, tag); });
  timer.cancel();
  if (status.ok()) co_return reply;
  if (*timed_out) co_return Error(ErrorCode::kDeadlineExceeded, "no answer in time");
  co_return FromStatus(status);
}

// A bidirectional call as a Stream. `prepare(context, queue)` returns the reader-writer, e.g.
//   rpc::OpenStream<CallRequest, CallReply>(reactor, [&](auto* context, auto* queue) {
//     return stub->PrepareAsyncCall(context, queue); });
template <class Out, class In>
class ClientStream final : public Stream<Out, In> {
 public:
  // What operations still in progress hold on to after the stream object is gone.
  struct State {
    explicit State(Reactor& r) : reactor(r) {}
    Reactor& reactor;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncReaderWriterInterface<Out, In>> rpc;
    grpc::Status status;
  };
  explicit ClientStream(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~ClientStream() override {
    if (state_) state_->context.TryCancel();
  }

  Awaitable<bool> Send(const Out& message) override { return SendOn(state_, message); }
  Awaitable<bool> SendLast(const Out& message) override { return SendLastOn(state_, message); }
  Awaitable<bool> CloseSend() override { return CloseOn(state_); }
  Awaitable<bool> Receive(In& message) override { return ReceiveOn(state_, message); }
  Awaitable<Result<void>> Finish() override { return FinishOn(state_); }
  void Leave() override {
    Reactor& reactor = state_->reactor;
    auto* last = new LastTag(std::move(state_));
    last->state->rpc->Finish(&last->state->status, static_cast<Tag*>(last));
    reactor.Poke();
  }
  void Cancel() override {
    if (!state_) return;
    state_->context.TryCancel();
    state_->reactor.Poke();
  }

 private:
  // Keeps the call until its status is there.
  struct LastTag final : Tag {
    explicit LastTag(std::shared_ptr<State> s) : state(std::move(s)) {}
    void Complete(bool) override { delete this; }
    void Abandon() override { delete this; }
    const std::shared_ptr<State> state;
  };
  static Awaitable<bool> SendOn(std::shared_ptr<State> state, const Out& message) {
    co_return co_await state->reactor.Run([&](void* tag) { state->rpc->Write(message, tag); });
  }
  static Awaitable<bool> SendLastOn(std::shared_ptr<State> state, const Out& message) {
    co_return co_await state->reactor.Run(
        [&](void* tag) { state->rpc->WriteLast(message, grpc::WriteOptions(), tag); });
  }
  static Awaitable<bool> CloseOn(std::shared_ptr<State> state) {
    co_return co_await state->reactor.Run([&](void* tag) { state->rpc->WritesDone(tag); });
  }
  static Awaitable<bool> ReceiveOn(std::shared_ptr<State> state, In& message) {
    co_return co_await state->reactor.Run([&](void* tag) { state->rpc->Read(&message, tag); });
  }
  static Awaitable<Result<void>> FinishOn(std::shared_ptr<State> state) {
    co_await state->reactor.Run([&](void* tag) { state->rpc->Finish(&state->status, tag); });
    if (state->status.ok()) co_return Result<void>();
    co_return FromStatus(state->status);
  }
  std::shared_ptr<State> state_;
};

// Never fails: a call that could not start shows it at the first Send or Receive. The call is corked: nothing of it
// leaves before its first message does.
template <class Out, class In, class Prepare>
std::unique_ptr<Stream<Out, In>> OpenStream(Reactor& reactor, Prepare prepare) {
  auto state = std::make_shared<typename ClientStream<Out, In>::State>(reactor);
  state->context.set_initial_metadata_corked(true);
  state->rpc = prepare(&state->context, static_cast<grpc::CompletionQueue*>(reactor.queue()));
  state->rpc->StartCall(nullptr);
  return std::make_unique<ClientStream<Out, In>>(std::move(state));
}

// A server-streaming call as a Stream that only receives: Out is the request type and is not sent
// again. `start(context, queue, tag)` returns the reader.
template <class In>
class ServerStreamReader {
 public:
  template <class Start>
  static Awaitable<std::unique_ptr<ServerStreamReader>> Open(Reactor& reactor, Start start) {
    auto self = std::unique_ptr<ServerStreamReader>(new ServerStreamReader(reactor));
    auto state = self->state_;
    co_await reactor.Run([&](void* tag) {
      state->rpc = start(&state->context, static_cast<grpc::CompletionQueue*>(reactor.queue()), tag);
    });
    co_return self;
  }
  ~ServerStreamReader() { state_->context.TryCancel(); }

  // False: the stream ended; Finish tells how.
  Awaitable<bool> Receive(In& message) { return ReceiveOn(state_, message); }
  Awaitable<Result<void>> Finish() { return FinishOn(state_); }
  // Once finished: the connection was lost, or never made. Only of servers that add metadata (trailers) to every status
  // of their own is it known so.
  bool broke() const {
    return state_->status.error_code() == grpc::StatusCode::UNAVAILABLE &&
           state_->context.GetServerTrailingMetadata().empty();
  }
  void Cancel() {
    state_->context.TryCancel();
    state_->reactor.Poke();
  }

 private:
  struct State {
    explicit State(Reactor& r) : reactor(r) {}
    Reactor& reactor;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncReaderInterface<In>> rpc;
    grpc::Status status;
  };
  explicit ServerStreamReader(Reactor& reactor) : state_(std::make_shared<State>(reactor)) {}
  static Awaitable<bool> ReceiveOn(std::shared_ptr<State> state, In& message) {
    co_return co_await state->reactor.Run([&](void* tag) { state->rpc->Read(&message, tag); });
  }
  static Awaitable<Result<void>> FinishOn(std::shared_ptr<State> state) {
    co_await state->reactor.Run([&](void* tag) { state->rpc->Finish(&state->status, tag); });
    if (state->status.ok()) co_return Result<void>();
    co_return FromStatus(state->status);
  }
  std::shared_ptr<State> state_;
};

}  // namespace patchbay::rpc
