// The beginning of a connection on a TLS listener.
#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "lib/net/server/connection.h"
#include "lib/net/server/tls_session.h"

namespace patchbay::net::server {
namespace {

constexpr std::string_view kSpeaksHttps = "this port speaks https: begin the address with https:// instead of http://";

}  // namespace

void Connection::EndHandshake() {
  if (phase_ != Phase::kHandshake) return;
  phase_ = Phase::kFresh;
  --state_->stats.handshakes;
}

int Connection::PeekByte() {
  while (!closed()) {
    unsigned char byte = 0;
    const ssize_t size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size == 1) return byte;
    if (size < 0 && errno == EINTR) continue;
    break;
  }
  return -1;
}

Awaitable<bool> Connection::Handshake() {
  SetDeadline(state_->limits.handshake_timeout);
  const bool arrived = co_await WaitReadable();
  const int first = arrived ? PeekByte() : -1;
  if (first >= 'A' && first <= 'Z') {  // a request in clear: "GET …"
    EndHandshake();
    co_await TellHttps();
    co_return false;
  }
  std::string why = timed_out_ ? "it took too long" : "the client left";
  bool done = false;
  if (first >= 0) done = co_await ShakeHands(why);
  EndHandshake();
  ClearDeadline();
  if (done) {
    ++state_->stats.handshakes_total;
    co_return true;
  }
  ++state_->stats.handshake_failures_total;
  state_->Hint("tls.handshake_failed", remote_address_, why);
  co_return false;
}

Awaitable<bool> Connection::ShakeHands(std::string& why) {
  tls_ = std::make_unique<TlsSession>(tls_context_, socket_.native_handle());
  while (true) {
    switch (tls_->Handshake(why)) {
      case TlsSession::Step::kDone: co_return true;
      case TlsSession::Step::kFailed: co_return false;
      case TlsSession::Step::kWantsRead: co_await WaitReadable(); break;
      case TlsSession::Step::kWantsWrite: {
        write_deadline_ = read_deadline_;
        boost::system::error_code code;
        co_await socket_.async_wait(asio::socket_base::wait_write, asio::redirect_error(asio::use_awaitable, code));
        write_deadline_ = SteadyTime::max();
        break;
      }
    }
    if (!closed() && !timed_out_) continue;
    why = timed_out_ ? "it took too long" : "it was cut, for one of too many";
    co_return false;
  }
}

Awaitable<void> Connection::TellHttps() {
  ++state_->stats.plain_on_tls_total;
  state_->Hint("tls.plain_request", remote_address_, "a client speaks http where this listener speaks https");
  co_await Answer(400, kSpeaksHttps, 11);
}

}  // namespace patchbay::net::server
