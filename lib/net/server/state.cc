#include "lib/net/server/state.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "lib/async/spawn.h"
#include "lib/log/log.h"
#include "lib/net/server/connection.h"
#include "lib/time/http_date.h"

namespace patchbay::net::server {
namespace {

// Connections accepted in one turn of the event loop.
constexpr int kAcceptBurst = 64;
// Connections over the limit that are told so at the same time; with more of them, the rest waits in the backlog.
constexpr std::size_t kMaxRefusing = 64;
// Out of file descriptors or memory: accepting goes on after this.
constexpr std::chrono::milliseconds kAcceptPause{100};
// Deadlines are looked at this often: an eighth of the shortest of them, within these.
constexpr std::chrono::milliseconds kShortestTick{5};
constexpr std::chrono::milliseconds kLongestTick{1000};
constexpr std::chrono::milliseconds kDrainTick{25};
constexpr std::chrono::seconds kHintPause{5};

std::string AddressText(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    // An IPv4 client of a dual-stack socket is an IPv4 client.
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      ::inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
  } else {
    return "unix";
  }
  return text;
}

}  // namespace

struct State::Listener {
  Listener(Executor executor, int listening_fd, ListenerOptions listener_options)
      : descriptor(executor, listening_fd), fd(listening_fd), options(std::move(listener_options)) {}
  ~Listener() {
    if (!descriptor.is_open()) ::close(fd);
  }
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  const int fd;
  ListenerOptions options;
  bool watching = false;
};

State::State(asio::io_context& context, HttpLimits limits_, HttpServer::Handler handler_, ErrorBodyFunction error_body)
    : io(context),
      limits(limits_),
      handler(std::move(handler_)),
      error_body_(std::move(error_body)),
      pause_timer_(io.get_executor()),
      tick_timer_(io.get_executor()),
      drained_(io.get_executor(), SteadyTime::max()) {}

State::~State() = default;

Result<void> State::Listen(int fd, ListenerOptions options) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
    return Error(ErrorCode::kInvalidArgument, "descriptor " + std::to_string(fd) + " is not a listening socket");
  }
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return Error(ErrorCode::kInternal, std::string("a listening socket cannot be set up: ") + std::strerror(errno));
  }
  listeners_.push_back(std::make_shared<Listener>(io.get_executor(), fd, std::move(options)));
  Watch(listeners_.back());
  return {};
}

void State::SetTls(std::size_t id, const std::shared_ptr<const TlsContext>& tls) {
  for (const auto& listener : listeners_) {
    if (listener->options.id == id) listener->options.tls = tls;
  }
}

void State::Watch(std::shared_ptr<Listener> listener) {
  if (listener->watching || draining || shut_down) return;
  listener->watching = true;
  listener->descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                  [self = shared_from_this(), listener](const boost::system::error_code& code) {
                                    listener->watching = false;
                                    if (code || self->draining || self->shut_down || self->paused_) return;
                                    self->Accept(*listener);
                                    if (!self->paused_) self->Watch(listener);
                                  });
}

bool State::Full() const { return stats.connections - refusing_ >= limits.connections; }

void State::Accept(Listener& listener) {
  for (int i = 0; i < kAcceptBurst; ++i) {
    if (Full() && refusing_ >= kMaxRefusing) {
      paused_ = true;  // until one of them has left
      return;
    }
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(listener.fd, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      // The client left while it waited, or Linux hands us an error of its connection (accept(2)).
      if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == ENETDOWN || errno == EHOSTDOWN ||
          errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EPERM) {
        continue;
      }
      return PauseAccepting();
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on Unix sockets, which do not need it
    const bool refused = Full();
    ++stats.accepted_total;
    if (refused) {
      ++refusing_;
      ++stats.refused_total;
    }
    if (listener.options.tls && stats.handshakes >= limits.handshakes) CutOldestHandshake();
    Connection::Accepted accepted{fd, address.ss_family, AddressText(address), refused, listener.options};
    const auto connection = std::make_shared<Connection>(shared_from_this(), std::move(accepted));
    // The completion handler holds the connection until its coroutine has begun to hold itself.
    asio::co_spawn(io, refused ? connection->Refuse() : connection->Run(),
                   [connection](const std::exception_ptr& exception) {
                     if (exception) async::EndByBug("connection", exception);
                   });
  }
}

void State::CutOldestHandshake() {
  // They stand in the order in which they came, and whoever means well is done in a moment.
  for (Connection& connection : connections_) {
    if (!connection.shaking_hands()) continue;
    return connection.shared_from_this()->Reset();
  }
}

void State::Hint(std::string_view event, std::string_view remote_address, std::string_view why) {
  const SteadyTime now = Now();
  if (now < next_hint_) {
    ++hints_left_out_;
    return;
  }
  next_hint_ = now + kHintPause;
  log::Info(event, {{"from", remote_address}, {"reason", why}, {"others_left_out", std::exchange(hints_left_out_, 0)}});
}

void State::PauseAccepting() {
  ++stats.accept_pauses_total;
  paused_ = true;
  pause_timer_.expires_after(kAcceptPause);
  pause_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& code) {
    if (!code) self->ResumeAccepting();
  });
}

void State::ResumeAccepting() {
  if (draining || shut_down) return;
  paused_ = false;
  for (const auto& listener : listeners_) Watch(listener);
}

void State::Joined(Connection& connection) {
  ++stats.connections;
  connections_.push_back(connection);
  StartTicking();
}

void State::Left(bool refused) {
  --stats.connections;
  if (refused) --refusing_;
  if (stats.connections == 0) drained_.cancel();
  // A pause for want of descriptors ends here as well: one has just become free.
  if (paused_) ResumeAccepting();
}

void State::StartTicking() {
  if (ticking_ || shut_down) return;
  ticking_ = true;
  const auto shortest = std::min(
      {limits.head_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout, limits.handshake_timeout});
  tick_timer_.expires_after(draining ? kDrainTick : std::clamp(shortest / 8, kShortestTick, kLongestTick));
  tick_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& code) {
    self->ticking_ = false;
    if (!code) self->Tick();
    if (self->stats.connections > 0) self->StartTicking();
  });
}

void State::Tick() {
  const SteadyTime now = Now();
  std::vector<std::shared_ptr<Connection>> expired;  // what follows may change the list
  for (Connection& connection : connections_) {
    if (connection.Expired(now)) expired.push_back(connection.shared_from_this());
  }
  for (const auto& connection : expired) connection->OnDeadline(now);
}

Awaitable<void> State::Drain() {
  const auto self = shared_from_this();
  if (!draining) {
    draining = true;
    for (const auto& listener : listeners_) {
      // No longer in our epoll set, but open: closing is for the end, and shutting it down would hit the other
      // processes.
      if (listener->descriptor.is_open()) listener->descriptor.release();
    }
    std::vector<std::shared_ptr<Connection>> all;
    for (Connection& connection : connections_) all.push_back(connection.shared_from_this());
    for (const auto& connection : all) connection->OnDrain();
    all.clear();
    tick_timer_.cancel();  // it goes on with the shorter tick
  }
  while (stats.connections > 0) {
    boost::system::error_code ignored;
    co_await drained_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void State::Shutdown() {
  shut_down = true;
  listeners_.clear();
  pause_timer_.cancel();
  tick_timer_.cancel();
  std::vector<std::shared_ptr<Connection>> all;
  for (Connection& connection : connections_) all.push_back(connection.shared_from_this());
  for (const auto& connection : all) connection->Reset();
}

ErrorBody State::MakeErrorBody(int status, std::string_view message) const {
  if (error_body_) return error_body_(status, message);
  return {"text/plain; charset=utf-8", std::string(message) + "\n"};
}

std::string_view State::Date() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != date_second_) {
    date_second_ = now.tv_sec;
    date_ = FormatHttpDate(WallTime(std::chrono::seconds(now.tv_sec)));
  }
  return date_;
}

}  // namespace patchbay::net::server
