// What a TLS listener shows its clients and asks of them: certificate, key, the least version, a CA of clients.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"

struct ssl_ctx_st;

namespace patchbay::net {

// PEM files. Without a certificate there is no TLS.
struct TlsFiles {
  std::string certificate;  // and its chain behind it
  std::string key;          // of the certificate, without a passphrase
  std::string client_ca;    // clients must show a certificate that one of these signed; empty: none is asked for
  bool only_1_3 = false;    // else 1.2 too
};

// HTTP/1.1 by ALPN, to clients that offer protocols. No session is resumed, and nothing renegotiated: after a change of
// certificate or CA every new connection is judged anew. Unchanging; connections hold the one that they began with.
class TlsContext {
 public:
  // Reads the files, now. kFailedPrecondition: one of them cannot be read, or is not what it should be; the words name
  // the file and never hold anything of it.
  static Result<std::shared_ptr<const TlsContext>> Load(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* native() const { return context_; }
  // The DNS names and addresses that the certificate is for.
  const std::vector<std::string>& names() const { return names_; }
  WallTime valid_until() const { return valid_until_; }
  // SHA-256 of the certificate, in hex: tells one from the next.
  const std::string& fingerprint() const { return fingerprint_; }
  // Those of all the CAs of clients, one behind the other; empty without any.
  const std::string& client_ca_fingerprint() const { return client_ca_fingerprint_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
  std::vector<std::string> names_;
  WallTime valid_until_;
  std::string fingerprint_, client_ca_fingerprint_;
};

}  // namespace patchbay::net
