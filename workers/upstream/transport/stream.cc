#include "workers/upstream/transport/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

namespace patchbay::upstream {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

IoResult Failed(std::string message) { return {IoStatus::kFailed, 0, std::move(message)}; }
IoResult Closed() { return {IoStatus::kClosed, 0, "the connection was closed"}; }
IoResult FromErrno(int code) {
  if (code == ECONNRESET || code == EPIPE || code == ENOTCONN) return Closed();
  return Failed(std::strerror(code));
}

std::string TlsError(const SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return std::string("the certificate was not accepted: ") + X509_verify_cert_error_string(verified);
  }
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return std::string("TLS: ") + (reason == nullptr ? "the connection broke" : reason);
}

}  // namespace

Stream::~Stream() {
  if (tls_ == nullptr) return;
  // Without this OpenSSL takes the end for an attack and forbids its session to be resumed.
  SSL_set_shutdown(tls_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(tls_);
}

void Stream::Close() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

Awaitable<IoResult> Stream::Wait(asio::socket_base::wait_type wait) {
  const auto [error] = co_await socket_.async_wait(wait, kAwait);
  if (closed_) co_return Failed("the connection was given up");
  if (error) co_return Failed(error.message());
  co_return IoResult();
}

Awaitable<IoResult> Stream::Connect(asio::ip::tcp::endpoint endpoint) {
  const auto [error] = co_await socket_.async_connect(endpoint, kAwait);
  if (closed_) co_return Failed("the connection was given up");
  if (error) co_return Failed(error.message());
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.native_non_blocking(true, ignored);
  co_return IoResult();
}

Awaitable<IoResult> Stream::StartTls(std::shared_ptr<TlsContext> context, std::string host,
                                     std::shared_ptr<TlsSessions> sessions) {
  context_ = std::move(context);
  sessions_ = std::move(sessions);
  tls_ = context_->NewClient(socket_.native_handle(), host, sessions_.get());
  if (tls_ == nullptr) co_return Failed("TLS: the host name cannot be verified");
  while (true) {
    ERR_clear_error();
    const int result = SSL_do_handshake(tls_);
    if (result == 1) co_return IoResult();
    asio::socket_base::wait_type wait{};
    IoResult outcome = TlsOutcome(result, &wait);
    if (outcome.status != IoStatus::kOk) co_return outcome;
    outcome = co_await Wait(wait);
    if (outcome.status != IoStatus::kOk) co_return outcome;
  }
}

// What a TLS call that gave no bytes means.
IoResult Stream::TlsOutcome(int result, asio::socket_base::wait_type* wait) {
  const int saved_errno = errno;
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ: *wait = asio::socket_base::wait_read; return {};
    case SSL_ERROR_WANT_WRITE: *wait = asio::socket_base::wait_write; return {};
    case SSL_ERROR_ZERO_RETURN: return Closed();
    case SSL_ERROR_SYSCALL: return saved_errno == 0 ? Closed() : FromErrno(saved_errno);
    default: break;
  }
  // A peer that hangs up without TLS's own goodbye: common, and told apart by the HTTP layer, which
  // knows whether the response was whole.
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return Closed();
  }
  return Failed(TlsError(tls_));
}

IoResult Stream::TryRead(char* buffer, std::size_t capacity, asio::socket_base::wait_type* wait) {
  if (tls_ == nullptr) {
    const ssize_t size = ::recv(socket_.native_handle(), buffer, capacity, 0);
    if (size > 0) return {IoStatus::kOk, static_cast<std::size_t>(size), {}};
    if (size == 0) return Closed();
    if (errno != EAGAIN && errno != EINTR) return FromErrno(errno);
    *wait = asio::socket_base::wait_read;
    return {};
  }
  // Every record that has been read from the socket, so that a burst is one piece.
  std::size_t total = 0;
  while (total < capacity) {
    ERR_clear_error();
    errno = 0;
    const int size = SSL_read(tls_, buffer + total, static_cast<int>(capacity - total));
    if (size <= 0) {
      // What went wrong after the first bytes goes wrong again at the next read.
      return total > 0 ? IoResult{IoStatus::kOk, total, {}} : TlsOutcome(size, wait);
    }
    total += static_cast<std::size_t>(size);
    if (SSL_has_pending(tls_) == 0) break;
  }
  return {IoStatus::kOk, total, {}};
}

Awaitable<IoResult> Stream::Read(char* buffer, std::size_t capacity) {
  // What TLS holds already would not wake us; else waiting first saves a system call that would
  // find nothing, for a peer takes its time to answer.
  asio::socket_base::wait_type wait = asio::socket_base::wait_read;
  bool wait_first = tls_ == nullptr || SSL_has_pending(tls_) == 0;
  while (true) {
    if (closed_) co_return Failed("the connection was given up");
    if (wait_first) {
      ReleaseBuffers();
      IoResult ready = co_await Wait(wait);
      if (ready.status != IoStatus::kOk) co_return ready;
    }
    IoResult result = TryRead(buffer, capacity, &wait);
    if (result.status != IoStatus::kOk || result.bytes > 0) co_return result;
    wait_first = true;
  }
}

IoResult Stream::TryWrite(std::string_view bytes, asio::socket_base::wait_type* wait) {
  if (tls_ == nullptr) {
    const ssize_t size = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) return {IoStatus::kOk, static_cast<std::size_t>(size), {}};
    if (errno != EAGAIN && errno != EINTR) return FromErrno(errno);
    *wait = asio::socket_base::wait_write;
    return {};
  }
  constexpr std::size_t kMaxTlsWrite = std::size_t{1} << 30;  // SSL_write counts in int
  ERR_clear_error();
  errno = 0;
  const int size = SSL_write(tls_, bytes.data(), static_cast<int>(std::min(bytes.size(), kMaxTlsWrite)));
  if (size > 0) return {IoStatus::kOk, static_cast<std::size_t>(size), {}};
  return TlsOutcome(size, wait);
}

Awaitable<IoResult> Stream::Write(std::string_view bytes) {
  asio::socket_base::wait_type wait = asio::socket_base::wait_write;
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    if (closed_) co_return Failed("the connection was given up");
    IoResult result = TryWrite(bytes.substr(sent), &wait);
    if (result.status == IoStatus::kOk && result.bytes == 0) result = co_await Wait(wait);
    if (result.status != IoStatus::kOk) co_return result;
    sent += result.bytes;
  }
  co_return IoResult{IoStatus::kOk, sent, {}};
}

// With read-ahead OpenSSL itself does so only at a read that finds nothing, and we wait before we read. It refuses
// while a record is on its way, in either direction; before 3.0.14 it did not notice one of which only the head had
// come (CVE-2024-4741), so there the buffers stay.
void Stream::ReleaseBuffers() {
  static const bool refuses = OpenSSL_version_num() >= 0x300000e0UL;
  if (tls_ != nullptr && refuses) SSL_free_buffers(tls_);
}

bool Stream::LooksIdle() {
  if (closed_ || (tls_ != nullptr && SSL_has_pending(tls_) != 0)) return false;
  char byte = 0;
  const ssize_t size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  // Bytes on an idle connection are a goodbye or a mistake; either way it is of no use.
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace patchbay::upstream
