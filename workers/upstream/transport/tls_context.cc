#include "workers/upstream/transport/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <csignal>

namespace patchbay::upstream {
namespace {

int SessionsIndex() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Called by OpenSSL with a new session; 1 means that we keep it.
int OnNewSession(SSL* ssl, SSL_SESSION* session) {
  auto* sessions = static_cast<TlsSessions*>(SSL_get_ex_data(ssl, SessionsIndex()));
  if (sessions == nullptr) return 0;
  sessions->Put(session);
  return 1;
}

std::string LastError() {
  char text[256] = "unknown";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

}  // namespace

TlsSessions::~TlsSessions() {
  for (SSL_SESSION* session : sessions_) SSL_SESSION_free(session);
}

void TlsSessions::Put(ssl_session_st* session) {
  sessions_.push_back(session);
  if (sessions_.size() <= kMaxSessions) return;
  SSL_SESSION_free(sessions_.front());
  sessions_.pop_front();
}

ssl_session_st* TlsSessions::Take() {
  if (sessions_.empty()) return nullptr;
  SSL_SESSION* session = sessions_.back();
  if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(session);
  } else {
    sessions_.pop_back();
  }
  return session;
}

Result<std::shared_ptr<TlsContext>> TlsContext::Create(const std::string& ca_file) {
  // OpenSSL writes to its socket with write(2), which raises SIGPIPE when the peer has gone.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return Error(ErrorCode::kInternal, "OpenSSL: " + LastError());
  std::shared_ptr<TlsContext> owner(new TlsContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // One read(2) fetches as many records as have come.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, OnNewSession);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
    return Error(ErrorCode::kFailedPrecondition, "cannot read the certificates in " + ca_file + ": " + LastError());
  }
  return owner;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

ssl_st* TlsContext::NewClient(int fd, const std::string& host, TlsSessions* sessions) const {
  SSL* ssl = SSL_new(context_);
  if (ssl == nullptr) return nullptr;
  SSL_set_connect_state(ssl);
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  bool ok = SSL_set_fd(ssl, fd) == 1 && SSL_set_ex_data(ssl, SessionsIndex(), sessions) == 1;
  if (not_an_address) {
    ok = ok && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
  } else {
    // Server names are names only (RFC 6066 §3); an address is checked against the certificate's own.
    ok = ok && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  if (!ok) {
    SSL_free(ssl);
    return nullptr;
  }
  if (sessions != nullptr) {
    if (SSL_SESSION* session = sessions->Take(); session != nullptr) {
      SSL_set_session(ssl, session);
      SSL_SESSION_free(session);
    }
  }
  return ssl;
}

}  // namespace patchbay::upstream
