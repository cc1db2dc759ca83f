// One connection's TLS over a non-blocking socket, which it does not own: it reads and writes when it is told to, and
// says what it waits for. Internal to lib/net; OpenSSL stays in the .cc.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <string>

#include "lib/net/tls_context.h"

struct ssl_st;

namespace patchbay::net::server {

// How a TLS connection begins: the type of the record that a ClientHello comes in (RFC 8446 §5.1).
inline constexpr char kHandshakeRecord = 0x16;

class TlsSession {
 public:
  TlsSession(std::shared_ptr<const TlsContext> context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Step { kDone, kWantsRead, kWantsWrite, kFailed };
  // As far as it goes now. Of kFailed, `why` says what was wrong, in OpenSSL's words.
  Step Handshake(std::string& why);

  // What there is, up to `most` bytes: several records in one go. `end`: the client said that it is done, or is gone.
  // `broken`: what came is no TLS. Beside bytes both are told, and will be told again by the next Read.
  struct Input {
    std::size_t bytes = 0;
    bool end = false;
    bool broken = false;
  };
  Input Read(char* data, std::size_t most);
  // Whether a Read may give bytes although the socket has none: it stopped at `most`, or has not been tried.
  bool has_more() const { return has_more_; }

  enum class Output { kSome, kBlocked, kBroken };
  // Writes a part of `pieces`: as much as fits into one record. After kBlocked it is to be called with the same bytes.
  Output Write(const iovec* pieces, std::size_t count, std::size_t& written);

  // Tells the client that nothing follows, as far as the socket takes it.
  void SayGoodbye();
  // The session to somebody else, who frees it.
  ssl_st* Release();

 private:
  const std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
  bool has_more_ = true;
};

}  // namespace patchbay::net::server
