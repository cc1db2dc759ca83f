// The lower half of Connection: its socket, its buffer, its deadlines.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "lib/net/server/connection.h"
#include "lib/net/server/exchange.h"
#include "lib/net/server/tls_session.h"

namespace patchbay::net::server {

void Connection::Watch() {
  if (watching_ || eof_ || closed()) return;
  watching_ = true;
  if (tls_ && tls_->has_more()) {  // decrypted already, or about to be: the socket has nothing to tell
    asio::post(executor_, [self = shared_from_this()] { self->OnReadable({}); });
    return;
  }
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& code) { self->OnReadable(code); });
}

void Connection::OnReadable(const boost::system::error_code& code) {
  watching_ = false;
  if (waiter_) return std::exchange(waiter_, nullptr)->Resume();
  if (!code && phase_ == Phase::kHandling && !reading_body_) ReadAhead();
}

void Connection::ReadAhead() {
  const std::size_t bound = state_->limits.pipelined_bytes;
  // Beyond the bound nothing is read until the response is out; the client's end is then noticed by writing.
  if (in_.size() >= bound) return;
  std::string_view received;
  const Received outcome = Receive(std::min(bound - in_.size(), state_->scratch.size()), received);
  if (outcome == Received::kEnd) {
    if (exchange_ != nullptr) exchange_->ClientGone();
    return;
  }
  in_.append(received);
  if (in_.size() < bound) Watch();
}

Awaitable<bool> Connection::WaitReadable() {
  Watch();
  while (watching_ && !timed_out_ && !closed()) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler) {
          struct HandlerWaiter final : Waiter {
            explicit HandlerWaiter(decltype(handler) h) : resume(std::move(h)) {}
            void Resume() override { std::move(resume)(); }
            decltype(handler) resume;
          };
          waiter_ = std::make_unique<HandlerWaiter>(std::move(handler));
        },
        asio::use_awaitable);
  }
  co_return !timed_out_ && !eof_ && !closed();
}

void Connection::Wake() {
  if (!waiter_) return;
  asio::post(executor_, [waiter = std::shared_ptr<Waiter>(std::move(waiter_))] { waiter->Resume(); });
}

Connection::Received Connection::Receive(std::size_t most, std::string_view& bytes) {
  if (eof_ || closed()) return Received::kEnd;
  if (tls_) return ReceiveDecrypted(most, bytes);
  while (true) {
    const ssize_t size = ::recv(socket_.native_handle(), state_->scratch.data(), most, MSG_DONTWAIT);
    if (size > 0) {
      bytes = {state_->scratch.data(), static_cast<std::size_t>(size)};
      return Received::kSome;
    }
    if (size == 0) {
      eof_ = true;
      return Received::kEnd;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Received::kNothing;
    if (errno == EINTR) continue;
    broken_ = true;
    return Received::kEnd;
  }
}

Connection::Received Connection::ReceiveDecrypted(std::size_t most, std::string_view& bytes) {
  const TlsSession::Input input = tls_->Read(state_->scratch.data(), std::min(most, state_->scratch.size()));
  bytes = {state_->scratch.data(), input.bytes};
  if (input.bytes > 0) return Received::kSome;
  eof_ = eof_ || input.end;
  broken_ = broken_ || input.broken;
  return input.end || input.broken ? Received::kEnd : Received::kNothing;
}

bool Connection::has_unread_bytes() {
  if (tls_ && tls_->has_more() && in_.empty()) {
    std::string_view received;
    if (Receive(state_->scratch.size(), received) == Received::kSome) in_.assign(received);
  }
  return !in_.empty();
}

std::string_view Connection::Gather(std::string_view received) {
  if (in_.empty()) return received;
  in_.append(received);
  return in_;
}

void Connection::Keep(std::string_view bytes) {
  if (bytes.empty()) {
    in_.clear();
  } else if (!in_.empty()) {
    in_.erase(0, in_.size() - bytes.size());  // Gather gave in_ itself, so `bytes` is its end
  } else {
    in_.assign(bytes);
  }
}

Connection::Sent Connection::TrySend(OutBuffers& buffers) {
  if (tls_) return TrySendEncrypted(buffers);
  while (buffers.count() > 0) {
    if (closed()) return Sent::kBroken;
    msghdr message{};
    message.msg_iov = buffers.data();
    message.msg_iovlen = buffers.count();
    const ssize_t size = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size >= 0) {
      buffers.Consume(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Sent::kBlocked;
    } else if (errno != EINTR) {
      broken_ = true;
      return Sent::kBroken;
    }
  }
  return Sent::kAll;
}

Connection::Sent Connection::TrySendEncrypted(OutBuffers& buffers) {
  while (buffers.count() > 0) {
    if (closed()) return Sent::kBroken;
    std::size_t written = 0;
    switch (tls_->Write(buffers.data(), buffers.count(), written)) {
      case TlsSession::Output::kSome: buffers.Consume(written); break;
      case TlsSession::Output::kBlocked: return Sent::kBlocked;
      case TlsSession::Output::kBroken: broken_ = true; return Sent::kBroken;
    }
  }
  return Sent::kAll;
}

void Connection::EndSending() {
  if (tls_ && !broken_) tls_->SayGoodbye();
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

Awaitable<bool> Connection::SendRest(OutBuffers& buffers) {
  Sent sent = Sent::kBlocked;
  while (sent == Sent::kBlocked) {
    write_deadline_ = Now() + state_->limits.write_timeout;
    boost::system::error_code code;
    co_await socket_.async_wait(asio::socket_base::wait_write, asio::redirect_error(asio::use_awaitable, code));
    write_deadline_ = SteadyTime::max();
    sent = code || closed() ? Sent::kBroken : TrySend(buffers);
  }
  co_return sent == Sent::kAll;
}

void Connection::SetDeadline(std::chrono::milliseconds delay) {
  timed_out_ = false;
  read_deadline_ = Now() + delay;
}

void Connection::OnDeadline(SteadyTime now) {
  if (!state_->draining) ++state_->stats.timeouts_total;
  if (now >= write_deadline_) return Reset();
  ClearDeadline();
  timed_out_ = true;
  Wake();
}

void Connection::OnDrain() {
  const SteadyTime now = Now();
  if (phase_ == Phase::kIdle) read_deadline_ = std::min(read_deadline_, idle_since_ + HttpServer::kDrainIdleGrace);
  if (phase_ == Phase::kFresh) read_deadline_ = std::min(read_deadline_, now + HttpServer::kDrainIdleGrace);
  if (now >= read_deadline_) OnDeadline(now);
}

void Connection::Reset() {
  if (closed_) return;
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  EndHandshake();
  tls_.reset();  // without a goodbye: what was sent is not to be taken for the whole
  Close();
}

int Connection::Release(std::unique_ptr<TlsSession>& tls) {
  tls = std::move(tls_);
  phase_ = Phase::kClosing;
  ClearDeadline();
  write_deadline_ = SteadyTime::max();
  const int fd = socket_.release();  // what waits on it is cancelled
  closed_ = true;
  return fd;
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  EndHandshake();
  if (tls_ && !broken_) tls_->SayGoodbye();
  boost::system::error_code ignored;
  socket_.close(ignored);
  Wake();
  if (exchange_ != nullptr) exchange_->ClientGone();
}

}  // namespace patchbay::net::server
