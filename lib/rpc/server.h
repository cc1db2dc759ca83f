// A gRPC server whose handlers are coroutines on the reactor's thread, on listening sockets that
// somebody else bound. Every call's role is checked against the table in roles.cc before its
// handler runs; connections from other users' processes are closed on accept (SO_PEERCRED).
//
//   server.Unary(service, &Upstream::AsyncService::RequestFetch,
//                [this](rpc::CallInfo call, FetchRequest request) -> Awaitable<Result<FetchReply>> { … });
//   Or with the call as a third argument, to hear of its cancelling and to add metadata to its status:
//                [this](rpc::CallInfo, EmbedCall, std::shared_ptr<rpc::ServedCall>) -> Awaitable<Result<EmbedReply>> …
//   server.Bidi(service, &Upstream::AsyncService::RequestCall,
//               [this](rpc::CallInfo call, std::shared_ptr<rpc::ServerStream<CallRequest, CallReply>> stream)
//                   -> Awaitable<Result<void>> { … });
//   server.Watch(service, &Credentials::AsyncService::RequestWatch,
//               [this](rpc::CallInfo call, WatchRequest request, std::shared_ptr<rpc::ServerWriter<Update>> writer)
//                   -> Awaitable<Result<void>> { … });
//
// Register everything, then Start once. An exception that leaves a handler is a bug of ours: the caller gets INTERNAL
// at once, a record says where it happened, and the server goes on.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "lib/async/spawn.h"
#include "lib/log/seldom.h"
#include "lib/rpc/reactor.h"
#include "lib/rpc/remote_connections.h"
#include "lib/rpc/roles.h"
#include "lib/rpc/status.h"
#include "lib/rpc/stream.h"
#include "lib/rpc/tls.h"

namespace patchbay::rpc {

// The process at the other end of a connection, as the kernel knew it when it was made.
struct PeerProcess {
  int pid = 0;
  int uid = -1;
  bool by_its_word = false;  // several were connected, and the call named this one
  bool operator==(const PeerProcess&) const = default;
};

// Who called. Values only: it may outlive the call.
struct CallInfo {
  RoleClaim caller;
  std::string method;
  // Of a server that observes its calls. gRPC does not tell by which connection a call came: it is the one that lives,
  // or of several the one that the call's metadata names.
  std::optional<PeerProcess> peer = {};
  // Client keys that the metadata shows: x-patchbay-key, and what stands behind `Bearer` in authorization.
  std::vector<std::string> keys = {};
  // Over TLS: the other end's address, without its port. `caller` is then what its certificate says.
  std::string address = {};
};

// Metadata by which a program says which process it is.
inline constexpr char kPidMetadata[] = "patchbay-pid";

namespace internal {

// What every served call has: its context, and a notice of its end. Held by shared_ptr from the
// moment it starts until gRPC says it is done and its handler has returned.
class CallBase : public std::enable_shared_from_this<CallBase> {
 public:
  virtual ~CallBase() = default;
  void AskForEnd() { context.AsyncNotifyWhenDone(static_cast<Tag*>(&end_)); }
  // From now on the end will be told; keeps this object until then.
  void Started() { end_.self = shared_from_this(); }
  // `callback` runs once, when the caller cancelled or vanished before the handler finished; empty, nothing does.
  void OnCancelled(std::function<void()> callback) {
    if (callback && ended_ && context.IsCancelled()) return callback();
    on_cancelled_ = std::move(callback);
  }
  bool cancelled() const { return ended_ && context.IsCancelled(); }
  // Metadata that goes with the status. `value` is visible ASCII.
  void AddTrailer(const std::string& name, const std::string& value) { context.AddTrailingMetadata(name, value); }

  grpc::ServerContext context;
  bool finished = false;  // the status has been sent, before the handler returned

 private:
  struct EndTag final : Tag {
    explicit EndTag(CallBase& c) : call(c) {}
    void Complete(bool) override {
      const auto keep = std::move(self);
      call.ended_ = true;
      const auto callback = std::exchange(call.on_cancelled_, nullptr);
      if (callback && call.context.IsCancelled()) callback();
    }
    void Abandon() override { const auto keep = std::move(self); }
    CallBase& call;
    std::shared_ptr<CallBase> self;
  };
  EndTag end_{*this};
  bool ended_ = false;
  std::function<void()> on_cancelled_;
};

// "/package.Service/Method" of generated code: `service` is the class that declares its RequestMethod, whose name has
// both. A CHECK fails when the service has no such method with these messages.
std::string MethodOf(const std::type_info& service, const google::protobuf::Descriptor* request,
                     const google::protobuf::Descriptor* reply);

}  // namespace internal

using ServedCall = internal::CallBase;

// The server's side of a bidirectional call. Receive gives false when the client half-closed or left.
template <class Req, class Rep>
class ServerStream final : public Stream<Rep, Req>, public internal::CallBase {
 public:
  explicit ServerStream(Reactor& reactor) : rpc(&context), reactor_(reactor) {}
  Awaitable<bool> Send(const Rep& message) override {
    const auto keep = shared_from_this();
    co_return co_await reactor_.Run([&](void* tag) { rpc.Write(message, tag); });
  }
  Awaitable<bool> SendLast(const Rep& message) override {
    const auto keep = shared_from_this();
    finished = true;
    co_return co_await reactor_.Run(
        [&](void* tag) { rpc.WriteAndFinish(message, grpc::WriteOptions(), grpc::Status::OK, tag); });
  }
  Awaitable<bool> CloseSend() override { co_return true; }  // the handler's return closes
  Awaitable<bool> Receive(Req& message) override {
    const auto keep = shared_from_this();
    co_return co_await reactor_.Run([&](void* tag) { rpc.Read(&message, tag); });
  }
  Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
  void Cancel() override {
    context.TryCancel();
    reactor_.Poke();
  }

  grpc::ServerAsyncReaderWriter<Rep, Req> rpc;

 private:
  Reactor& reactor_;
};

// The server's side of a server-streaming call.
template <class Rep>
class ServerWriter : public internal::CallBase {
 public:
  explicit ServerWriter(Reactor& reactor) : rpc(&context), reactor_(reactor) {}
  // False: the caller is gone.
  Awaitable<bool> Send(const Rep& message) {
    const auto keep = shared_from_this();
    co_return co_await reactor_.Run([&](void* tag) { rpc.Write(message, tag); });
  }
  // Ends the call now. A pending Send gives false.
  void Cancel() {
    context.TryCancel();
    reactor_.Poke();
  }
  grpc::ServerAsyncWriter<Rep> rpc;

 private:
  Reactor& reactor_;
};

class Server {
 public:
  // The process's main server, on the reactor's main queue and builder.
  explicit Server(Reactor& reactor);
  // A further server with a queue of its own. Callers without a token get `anonymous`.
  Server(Reactor& reactor, Role anonymous);
  // Drain first unless no call is running: gRPC waits for calls that would wait for this thread.
  ~Server();

  // Tokens are checked with `verifier` (which must outlive the server); without one nobody has a role.
  void SetVerifier(TokenVerifier* verifier) { verifier_ = verifier; }
  // Accepted connections whose peer process id is refused by `filter` are closed.
  void SetPeerFilter(std::function<bool(int pid)> filter) { peer_filter_ = std::move(filter); }

  // From Start on its listeners are TCP, and their connections TLS with a certificate of the client. Its callers have
  // the role that `judge` finds in that certificate, at every call anew, and tokens mean nothing.
  struct Tls {
    TlsFiles files;
    std::function<Result<RoleClaim>(std::string_view certificate_pem)> judge;
    // Connections open at once, besides those in their handshake; beyond, new ones are closed as they come.
    std::size_t connections_max = 0;
  };
  void UseTls(Tls tls);
  void SetConnectionsMax(std::size_t connections_max);
  // That are open, of a server with TLS.
  std::size_t connections() const { return connections_ ? connections_->open() : 0; }

  // Looks at each unary and each relayed call before its handler runs: the message, or its bytes. What it returns is
  // told how the call ended (null: well) before the caller is; empty for calls that are of no interest. Set before
  // Start.
  using Ended = std::function<void(const Error* error)>;
  using Observer = std::function<Ended(const CallInfo& call, const google::protobuf::Message* request,
                                       const grpc::ByteBuffer* bytes)>;
  void Observe(Observer observer) { observer_ = std::move(observer); }

  void Register(grpc::Service& service) { builder_.RegisterService(&service); }

  template <class Service, class Base, class Req, class Rep, class Handler>
  void Unary(Service& service,
             void (Base::*request)(grpc::ServerContext*, Req*, grpc::ServerAsyncResponseWriter<Rep>*,
                                   grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
             Handler handler) {
    const std::string method = internal::MethodOf(typeid(Base), Req::descriptor(), Rep::descriptor());
    AddLoop(method, [this, &service, request, handler = std::move(handler), method] {
      return UnaryLoop<Service, Base, Req, Rep, Handler>(service, request, handler, method);
    });
  }

  template <class Service, class Base, class Req, class Rep, class Handler>
  void Bidi(Service& service,
            void (Base::*request)(grpc::ServerContext*, grpc::ServerAsyncReaderWriter<Rep, Req>*,
                                  grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
            Handler handler) {
    const std::string method = internal::MethodOf(typeid(Base), Req::descriptor(), Rep::descriptor());
    AddLoop(method, [this, &service, request, handler = std::move(handler), method] {
      return BidiLoop<Service, Base, Req, Rep, Handler>(service, request, handler, method);
    });
  }

  template <class Service, class Base, class Req, class Rep, class Handler>
  void Watch(Service& service,
             void (Base::*request)(grpc::ServerContext*, Req*, grpc::ServerAsyncWriter<Rep>*, grpc::CompletionQueue*,
                                   grpc::ServerCompletionQueue*, void*),
             Handler handler) {
    const std::string method = internal::MethodOf(typeid(Base), Req::descriptor(), Rep::descriptor());
    AddLoop(method, [this, &service, request, handler = std::move(handler), method] {
      return WatchLoop<Service, Base, Req, Rep, Handler>(service, request, handler, method);
    });
  }

  // Answers methods that no registered service has: a relay. One message each way, as bytes, unparsed. The role table
  // decides here as everywhere. `services` are their full names, for reflection. Call at most once, before Start; such
  // calls are not counted as in flight.
  using GenericHandler = std::function<Awaitable<Result<grpc::ByteBuffer>>(CallInfo call, grpc::ByteBuffer request)>;
  void Generic(std::vector<std::string> services, GenericHandler handler);

  // Builds the server and serves connections accepted on `listeners` (listening Unix sockets, which
  // stay open and owned by the caller).
  Result<void> Start(std::vector<int> listeners);
  // No new connections from here on; what is connected goes on. Other processes on the same
  // listening socket get the new ones.
  void StopAccepting();
  // Stops accepting, tells connected peers to go elsewhere (GOAWAY), and returns when every running
  // call has ended, or was cancelled at the deadline.
  Awaitable<void> Drain(std::chrono::milliseconds deadline);
  // Cancels every running call; their handlers see broken streams.
  void CancelAll();
  // Calls whose handler threw.
  std::int64_t handler_failures() const { return handler_failures_; }
  // Calls whose handlers are running now.
  int in_flight() const { return static_cast<int>(running_->size()); }
  // Full names of the services that have a handler here, for reflection.
  const std::set<std::string>& services() const { return services_; }
  grpc::ServerCompletionQueue* queue() { return queue_; }
  Reactor& reactor() { return reactor_; }

 private:
  struct Listener;

  void AddLoop(const std::string& method, std::function<Awaitable<void>()> loop);
  // What the caller of `method` is told after its handler threw, which is recorded and counted.
  Error Threw(const std::string& method, const std::exception_ptr& exception);
  // kNone's error when the caller may not call `method`.
  std::optional<PeerProcess> PeerOf(const grpc::ServerContext& context) const;
  Result<CallInfo> Admit(const grpc::ServerContext& context, const std::string& method);
  // The role of a call, and what else its connection proves.
  Result<void> TakeRole(const grpc::ServerContext& context, CallInfo& info);
  // Whether a connection that was accepted may stay.
  bool MayStay(int fd);
  bool IsOurUser(int fd);
  Awaitable<void> AcceptLoop(std::shared_ptr<Listener> listener);
  struct GenericCall;
  Awaitable<void> GenericLoop(GenericHandler handler);
  Awaitable<void> ServeGeneric(std::shared_ptr<GenericCall> call, GenericHandler handler);

  using Running = std::set<internal::CallBase*>;
  // Lists a call as running while its handler is.
  struct InFlight {
    InFlight(std::shared_ptr<Running> r, internal::CallBase* c) : running(std::move(r)), call(c) {
      running->insert(call);
    }
    ~InFlight() { running->erase(call); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    std::shared_ptr<Running> running;
    internal::CallBase* call;
  };

  template <class Req, class Rep>
  struct UnaryCall final : internal::CallBase {
    UnaryCall() : writer(&context) {}
    Req request;
    grpc::ServerAsyncResponseWriter<Rep> writer;
  };

  template <class Req, class Rep, class Handler>
  Awaitable<void> ServeUnary(std::shared_ptr<UnaryCall<Req, Rep>> call, Handler handler, std::string method) {
    InFlight count(running_, call.get());
    Result<CallInfo> info = Admit(call->context, method);
    if (!info.ok()) {
      const grpc::Status status = ToStatus(info.error());
      co_await reactor_.Run([&](void* tag) { call->writer.FinishWithError(status, tag); });
      co_return;
    }
    const Ended ended = observer_ ? observer_(*info, &call->request, nullptr) : nullptr;
    std::optional<Result<Rep>> reply;
    try {
      if constexpr (std::is_invocable_v<Handler&, CallInfo, Req, std::shared_ptr<ServedCall>>) {
        reply.emplace(co_await handler(std::move(info).value(), std::move(call->request), call));
      } else {
        reply.emplace(co_await handler(std::move(info).value(), std::move(call->request)));
      }
    } catch (...) {
      reply.emplace(Threw(method, std::current_exception()));
    }
    call->OnCancelled(nullptr);
    if (ended) ended(reply->ok() ? nullptr : &reply->error());
    if (reply->ok()) {
      co_await reactor_.Run([&](void* tag) { call->writer.Finish(**reply, grpc::Status::OK, tag); });
    } else {
      const grpc::Status status = ToStatus(reply->error());
      co_await reactor_.Run([&](void* tag) { call->writer.FinishWithError(status, tag); });
    }
  }

  template <class Service, class Base, class Req, class Rep, class Handler>
  Awaitable<void> UnaryLoop(Service& service,
                            void (Base::*request)(grpc::ServerContext*, Req*, grpc::ServerAsyncResponseWriter<Rep>*,
                                                  grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
                            Handler handler, std::string method) {
    for (;;) {
      auto call = std::make_shared<UnaryCall<Req, Rep>>();
      call->AskForEnd();
      const bool ok = co_await reactor_.Run(
          [&](void* tag) { (service.*request)(&call->context, &call->request, &call->writer, queue_, queue_, tag); });
      if (!ok) co_return;
      call->Started();
      async::Spawn(reactor_.io(), "unary call", ServeUnary<Req, Rep, Handler>(std::move(call), handler, method));
    }
  }

  template <class Call, class Handler>
  Awaitable<void> ServeStream(std::shared_ptr<Call> call, Handler handler, std::string method) {
    InFlight count(running_, call.get());
    Result<CallInfo> info = Admit(call->context, method);
    grpc::Status status;
    if (!info.ok()) {
      status = ToStatus(info.error());
    } else {
      try {
        status = ToStatus(Result<void>(co_await handler(std::move(info).value(), call)));
      } catch (...) {
        status = ToStatus(Threw(method, std::current_exception()));
      }
    }
    call->OnCancelled(nullptr);
    if (call->finished) co_return;
    co_await reactor_.Run([&](void* tag) { call->rpc.Finish(status, tag); });
  }

  template <class Service, class Base, class Req, class Rep, class Handler>
  Awaitable<void> BidiLoop(Service& service,
                           void (Base::*request)(grpc::ServerContext*, grpc::ServerAsyncReaderWriter<Rep, Req>*,
                                                 grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
                           Handler handler, std::string method) {
    for (;;) {
      auto call = std::make_shared<ServerStream<Req, Rep>>(reactor_);
      call->AskForEnd();
      const bool ok = co_await reactor_.Run(
          [&](void* tag) { (service.*request)(&call->context, &call->rpc, queue_, queue_, tag); });
      if (!ok) co_return;
      call->Started();
      async::Spawn(reactor_.io(), "stream call",
                   ServeStream<ServerStream<Req, Rep>, Handler>(std::move(call), handler, method));
    }
  }

  template <class Rep, class Handler, class Req>
  Awaitable<void> ServeWatch(std::shared_ptr<ServerWriter<Rep>> call, std::shared_ptr<Req> request, Handler handler,
                             std::string method) {
    // Named first: GCC 12 destroys a temporary closure inside a co_await expression twice.
    auto serve = [handler, request](CallInfo info,
                                    std::shared_ptr<ServerWriter<Rep>> writer) -> Awaitable<Result<void>> {
      return handler(std::move(info), std::move(*request), std::move(writer));
    };
    co_await ServeStream(call, std::move(serve), method);
  }

  template <class Service, class Base, class Req, class Rep, class Handler>
  Awaitable<void> WatchLoop(Service& service,
                            void (Base::*request)(grpc::ServerContext*, Req*, grpc::ServerAsyncWriter<Rep>*,
                                                  grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
                            Handler handler, std::string method) {
    for (;;) {
      auto call = std::make_shared<ServerWriter<Rep>>(reactor_);
      auto message = std::make_shared<Req>();
      call->AskForEnd();
      const bool ok = co_await reactor_.Run(
          [&](void* tag) { (service.*request)(&call->context, message.get(), &call->rpc, queue_, queue_, tag); });
      if (!ok) co_return;
      call->Started();
      async::Spawn(reactor_.io(), "watch call",
                   ServeWatch<Rep, Handler, Req>(std::move(call), std::move(message), handler, method));
    }
  }

  Reactor& reactor_;
  std::unique_ptr<grpc::ServerBuilder> own_builder_;  // null for the main server
  grpc::ServerBuilder& builder_;
  grpc::ServerCompletionQueue* queue_;
  Role anonymous_ = Role::kNone;
  TokenVerifier* verifier_ = nullptr;
  std::function<bool(int)> peer_filter_;
  std::optional<Tls> tls_;
  std::shared_ptr<RemoteConnections> connections_;  // of a server with TLS
  log::Seldom refusals_, pauses_;
  Observer observer_;
  std::deque<PeerProcess> peers_;  // of the latest connections, while there is an observer
  std::unique_ptr<grpc::AsyncGenericService> generic_;
  std::vector<std::function<Awaitable<void>()>> loops_;
  std::set<std::string> methods_;
  std::set<std::string> services_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<Running> running_ = std::make_shared<Running>();
  std::int64_t handler_failures_ = 0;
};

}  // namespace patchbay::rpc
