// One SSL_CTX per provider: what we trust and the least we accept. TLS profiles will be applied here.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "lib/base/result.h"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace patchbay::upstream {

// Sessions that a server let us resume. One of these per ConnectionKey, hence per account and egress: a ticket that two
// accounts share would tell the server that they are one client. Single-threaded.
class TlsSessions {
 public:
  ~TlsSessions();
  // Takes ownership.
  void Put(ssl_session_st* session);
  // The caller owns the result; null when there is none. A TLS 1.3 ticket is given once (RFC 8446 §C.4).
  ssl_session_st* Take();

 private:
  static constexpr std::size_t kMaxSessions = 4;
  std::deque<ssl_session_st*> sessions_;
};

class TlsContext {
 public:
  // `ca_file`: PEM of the authorities to trust instead of the system's; empty for the system's.
  static Result<std::shared_ptr<TlsContext>> Create(const std::string& ca_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A client for `host` (a name or an IP address) on the connected socket `fd`: certificate and name
  // are verified, a session is offered for resumption and new ones are put into `sessions`, which
  // must outlive it. Null when OpenSSL refuses. The caller frees it with SSL_free.
  ssl_st* NewClient(int fd, const std::string& host, TlsSessions* sessions) const;

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace patchbay::upstream
