#include "lib/net/server/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "lib/base/check.h"

namespace patchbay::net::server {
namespace {

// The plain text of one record (RFC 8446 §5.1).
constexpr std::size_t kMaxRecordBytes = std::size_t{16} << 10;

std::string FailureOf(const SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the client left" : reason;
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int fd)
    : context_(std::move(context)), ssl_(SSL_new(context_->native())) {
  PATCHBAY_CHECK(ssl_ != nullptr && SSL_set_fd(ssl_, fd) == 1);  // both fail for want of memory only
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

TlsSession::Step TlsSession::Handshake(std::string& why) {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Step::kDone;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return Step::kWantsRead;
    case SSL_ERROR_WANT_WRITE: return Step::kWantsWrite;
    default: why = FailureOf(ssl_); return Step::kFailed;
  }
}

TlsSession::Input TlsSession::Read(char* data, std::size_t most) {
  Input input;
  has_more_ = true;
  while (input.bytes < most) {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_, data + input.bytes, most - input.bytes, &got);
    if (result == 1) {
      input.bytes += got;
      continue;
    }
    has_more_ = false;
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ: break;
      // The answer to a client's new key waits for room in the socket, and goes out with our next record.
      case SSL_ERROR_WANT_WRITE: break;
      case SSL_ERROR_ZERO_RETURN: input.end = true; break;
      default: input.broken = true; break;
    }
    // Of a socket that has given all, nothing tells that there is an end to be read behind these bytes.
    if (input.end || input.broken) has_more_ = input.bytes > 0;
    ERR_clear_error();
    break;
  }
  return input;
}

TlsSession::Output TlsSession::Write(const iovec* pieces, std::size_t count, std::size_t& written) {
  // Small pieces become one record, so that a head and its body are one write and one packet. A large one is taken
  // where it stands.
  std::array<char, kMaxRecordBytes> gathered;
  const char* data = static_cast<const char*>(pieces[0].iov_base);
  std::size_t size = std::min(pieces[0].iov_len, kMaxRecordBytes);
  if (count > 1 && size < kMaxRecordBytes) {
    size = 0;
    for (std::size_t i = 0; i < count && size < kMaxRecordBytes; ++i) {
      const std::size_t taken = std::min(pieces[i].iov_len, kMaxRecordBytes - size);
      std::memcpy(gathered.data() + size, pieces[i].iov_base, taken);
      size += taken;
    }
    data = gathered.data();
  }
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_, data, size, &written);
  if (result == 1) return Output::kSome;
  const int error = SSL_get_error(ssl_, result);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ? Output::kBlocked : Output::kBroken;
}

void TlsSession::SayGoodbye() {
  // Not before there is a session, and once: a second call would wait for the client's own goodbye.
  if (SSL_in_init(ssl_) != 0 || (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) != 0) return;
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

ssl_st* TlsSession::Release() { return std::exchange(ssl_, nullptr); }

}  // namespace patchbay::net::server
