#include "lib/rpc/server.h"

#include <fcntl.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/server_credentials.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <map>

#include "lib/async/event.h"
#include "lib/base/check.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/log/log.h"
#include "lib/rpc/caller_metadata.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/tuning.h"

namespace patchbay::rpc {
namespace {

// After accept fails for want of descriptors or memory, how long to leave the backlog alone.
constexpr std::chrono::milliseconds kAcceptPause{50};
// From a TLS connection's accept until it has shown who it is, and between two signs of life of one that is quiet: what
// a bridge on another machine that lost its network holds is let go of.
constexpr std::pair<const char*, int> kRemoteServerArguments[] = {
    {"grpc.server_handshake_timeout_ms", 10'000},
    {"grpc.keepalive_time_ms", 60'000},
    {"grpc.keepalive_timeout_ms", 20'000},
    {"grpc.http2.min_ping_interval_without_data_ms", 10'000},
    {"grpc.max_concurrent_streams", 1'000},
    // A bridge without a call shows that it lives (channel.cc), and is asked whether it does.
    {"grpc.keepalive_permit_without_calls", 1},
    {"grpc.http2.max_pings_without_data", 0},
};
// Connections whose processes are remembered.
constexpr std::size_t kPeersMax = 64;

}  // namespace

std::string internal::MethodOf(const std::type_info& service, const google::protobuf::Descriptor* request,
                               const google::protobuf::Descriptor* reply) {
  // gRPC's generator makes one class "package::Service::WithAsyncMethod_Method<…>" for each method. Of its mangled name
  // only the part before the template's arguments is read ("N" and each name behind its length, Itanium C++ ABI
  // §5.1.4): these classes are nested as deep as a service has methods, deeper than a demangler goes.
  constexpr std::string_view kMark = "WithAsyncMethod_";
  std::string_view mangled = service.name();
  PATCHBAY_CHECK(mangled.starts_with('N'));
  mangled.remove_prefix(1);
  std::string owner, method;
  while (!mangled.empty() && IsDigit(mangled.front())) {
    const std::size_t digits = std::min(mangled.find_first_not_of("0123456789"), mangled.size());
    const auto length = ParseNumber<std::size_t>(mangled.substr(0, digits));
    PATCHBAY_CHECK(length && digits + *length <= mangled.size());
    if (!method.empty()) owner += (owner.empty() ? "" : ".") + method;
    method = mangled.substr(digits, *length);
    mangled.remove_prefix(digits + *length);
  }
  PATCHBAY_CHECK(method.starts_with(kMark));
  method.erase(0, kMark.size());
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(owner + "." + method);
  PATCHBAY_CHECK(found != nullptr && found->input_type() == request && found->output_type() == reply);
  return "/" + owner + "/" + method;
}

struct Server::Listener {
  Listener(asio::io_context& io, int fd, std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> a)
      : descriptor(io, fd), pause(io), acceptor(std::move(a)) {}
  ~Listener() {
    if (descriptor.is_open()) descriptor.release();  // the socket belongs to whoever passed it
  }
  asio::posix::stream_descriptor descriptor;
  asio::steady_timer pause;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  bool stopped = false;
};

Server::Server(Reactor& reactor) : reactor_(reactor), builder_(reactor.main_builder()), queue_(reactor.queue()) {}

Server::Server(Reactor& reactor, Role anonymous)
    : reactor_(reactor),
      own_builder_(std::make_unique<grpc::ServerBuilder>()),
      builder_(*own_builder_),
      queue_(reactor.AddQueue(*own_builder_)),
      anonymous_(anonymous) {}

Server::~Server() {
  StopAccepting();
  if (!server_) return;
  server_->Shutdown(std::chrono::system_clock::now());
  reactor_.Keep(std::move(server_));
}

Result<void> Server::Start(std::vector<int> listeners) {
  for (const auto& [name, value] : kLocalSocketArguments) builder_.AddChannelArgument(name, value);
  builder_.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder_.SetMaxSendMessageSize(kMaxMessageBytes);
  if (tls_) {
    RETURN_IF_ERROR(CheckTlsFiles(tls_->files));
    for (const auto& [name, value] : kRemoteServerArguments) builder_.AddChannelArgument(name, value);
  }
  for (const int fd : listeners) {
    auto acceptor = builder_.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        tls_ ? TlsServerCredentials(tls_->files) : grpc::InsecureServerCredentials());
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
      return Error(ErrorCode::kInternal, "descriptor " + std::to_string(fd) + " is not a listening socket");
    }
    listeners_.push_back(std::make_shared<Listener>(reactor_.io(), fd, std::move(acceptor)));
  }
  server_ = builder_.BuildAndStart();
  if (!server_) return Error(ErrorCode::kInternal, "the gRPC server does not start");
  for (const auto& loop : loops_) async::Spawn(reactor_.io(), "accept calls", loop());
  for (const auto& listener : listeners_) async::Spawn(reactor_.io(), "accept connections", AcceptLoop(listener));
  return {};
}

bool Server::IsOurUser(int fd) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  const bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
  if (!known || (peer.uid != geteuid() && peer.uid != 0) || (peer_filter_ && !peer_filter_(peer.pid))) {
    if (const auto left_out = refusals_.May(std::chrono::steady_clock::now())) {
      log::Warn("rpc.connection_refused", {{"uid", peer.uid}, {"pid", peer.pid}, {"others_left_out", *left_out}});
    }
    return false;
  }
  if (observer_) {
    peers_.push_back({.pid = peer.pid, .uid = static_cast<int>(peer.uid)});
    if (peers_.size() > kPeersMax) peers_.pop_front();
  }
  return true;
}

bool Server::MayStay(int fd) {
  if (!tls_) return IsOurUser(fd);
  // Small messages wait for nobody's acknowledgement.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connections_->Admit(fd);
}

Awaitable<void> Server::AcceptLoop(std::shared_ptr<Listener> listener) {
  for (;;) {
    boost::system::error_code error;
    co_await listener->descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                             asio::redirect_error(asio::use_awaitable, error));
    if (error || listener->stopped) co_return;
    for (;;) {
      const int fd = accept4(listener->descriptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          const int why = errno;
          if (const auto left_out = pauses_.May(std::chrono::steady_clock::now())) {
            log::Warn("rpc.accept_paused", {{"errno", why}, {"others_left_out", *left_out}});
          }
          listener->pause.expires_after(kAcceptPause);
          co_await listener->pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        }
        break;  // EAGAIN: another process on this socket was faster; the rest is the peer's trouble
      }
      if (!MayStay(fd)) {
        close(fd);
        continue;
      }
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
      connection.listener_fd = listener->descriptor.native_handle();
      connection.fd = fd;
      listener->acceptor->HandleNewConnection(&connection);
      reactor_.Poke();
    }
  }
}

void Server::AddLoop(const std::string& method, std::function<Awaitable<void>()> loop) {
  PATCHBAY_CHECK(methods_.insert(method).second);  // each method has one handler
  services_.insert(method.substr(1, method.rfind('/') - 1));
  loops_.push_back(std::move(loop));
}

Error Server::Threw(const std::string& method, const std::exception_ptr& exception) {
  ++handler_failures_;
  log::Error("rpc.handler_threw", {{"method", method}, {"exception", async::TextOf(exception)}});
  return Error(ErrorCode::kInternal, "a bug in the gateway ended this call; the log has the details");
}

std::optional<PeerProcess> Server::PeerOf(const grpc::ServerContext& context) const {
  const auto& metadata = context.client_metadata();
  const auto named = metadata.find(kPidMetadata);
  const auto pid = named == metadata.end()
                       ? std::nullopt
                       : ParseNumber<int>(std::string_view(named->second.data(), named->second.size()));
  std::map<int, PeerProcess> living;
  for (const PeerProcess& peer : peers_) {
    if (kill(peer.pid, 0) == 0 || errno != ESRCH) living[peer.pid] = peer;
  }
  // Where only one can have called, its word is not asked for.
  if (living.size() == 1) return living.begin()->second;
  const auto found = pid ? living.find(*pid) : living.end();
  if (found == living.end()) return std::nullopt;
  PeerProcess peer = found->second;
  peer.by_its_word = true;
  return peer;
}

Result<void> Server::TakeRole(const grpc::ServerContext& context, CallInfo& info) {
  if (tls_) {
    const auto certificate = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (certificate.empty()) return Error(ErrorCode::kUnauthenticated, "no certificate of a client");
    ASSIGN_OR_RETURN(info.caller, tls_->judge(std::string_view(certificate[0].data(), certificate[0].size())));
    const std::string peer = context.peer();
    connections_->Prove(peer);
    info.address = AddressOfPeer(peer);
    return {};
  }
  const auto& metadata = context.client_metadata();
  const auto token = metadata.find(kRoleMetadata);
  if (token == metadata.end()) {
    info.caller.role = anonymous_;
    return {};
  }
  if (verifier_ == nullptr) return Error(ErrorCode::kUnauthenticated, "this server has no token issuer yet");
  ASSIGN_OR_RETURN(info.caller, verifier_->Verify(std::string_view(token->second.data(), token->second.size())));
  return {};
}

Result<CallInfo> Server::Admit(const grpc::ServerContext& context, const std::string& method) {
  CallInfo info;
  info.method = method;
  RETURN_IF_ERROR(TakeRole(context, info));
  if (!Allowed(method, info.caller.role)) {
    return Error(ErrorCode::kPermissionDenied,
                 "role '" + std::string(ToString(info.caller.role)) + "' may not call " + method);
  }
  info.keys = KeysIn(context.client_metadata());
  if (observer_) info.peer = PeerOf(context);
  return info;
}

void Server::UseTls(Tls tls) {
  connections_ = std::make_shared<RemoteConnections>(reactor_.io(), tls.connections_max);
  tls_.emplace(std::move(tls));
}

void Server::SetConnectionsMax(std::size_t connections_max) {
  if (connections_) connections_->SetMax(connections_max);
}

void Server::StopAccepting() {
  for (const auto& listener : listeners_) {
    listener->stopped = true;
    listener->pause.cancel();
    if (listener->descriptor.is_open()) {
      listener->descriptor.cancel();
      listener->descriptor.release();
    }
  }
}

Awaitable<void> Server::Drain(std::chrono::milliseconds deadline) {
  StopAccepting();
  if (!server_) co_return;
  // gRPC's shutdown blocks until the last call has ended, and those need this thread: it waits on
  // one of its own, this once.
  auto done = std::make_shared<async::Event>(reactor_.io().get_executor());
  auto work = asio::make_work_guard(reactor_.io());
  std::thread waiter([this, deadline, done, &io = reactor_.io()] {
    server_->Shutdown(std::chrono::system_clock::now() + deadline);
    asio::post(io, [done] { done->Notify(); });
  });
  co_await done->Wait();
  waiter.join();
  reactor_.Keep(std::move(server_));
}

void Server::CancelAll() {
  for (internal::CallBase* call : *running_) call->context.TryCancel();
  reactor_.Poke();
}

}  // namespace patchbay::rpc
