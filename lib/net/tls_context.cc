#include "lib/net/tls_context.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string_view>

#include "lib/base/descriptor.h"
#include "lib/base/encoding.h"

namespace patchbay::net {
namespace {

// A chain of certificates is a few KB; a bundle of every public CA 200.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
// The only protocol we speak, as ALPN writes it (RFC 7301 §3.1).
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

Error Bad(std::string message) { return {ErrorCode::kFailedPrecondition, std::move(message)}; }

// What OpenSSL says of its last failure: "key values mismatch".
std::string Reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown" : reason;
}

// The content of a file, wiped when it is no longer needed: it may be a key.
class FileText {
 public:
  static Result<std::unique_ptr<FileText>> Read(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return Bad("cannot read " + path + ": " + std::strerror(errno));
    std::unique_ptr<FileText> text(new FileText);
    text->bytes_.resize(kMaxFileBytes);
    std::size_t size = 0;
    while (size < text->bytes_.size()) {
      const ssize_t got = ::read(file.get(), text->bytes_.data() + size, text->bytes_.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Bad("cannot read " + path + ": " + std::strerror(errno));
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    if (size == text->bytes_.size()) return Bad(path + " is too large for a certificate or a key");
    text->bytes_.resize(size);
    return text;
  }
  ~FileText() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  BioPtr bio() const { return BioPtr(BIO_new_mem_buf(bytes_.data(), static_cast<int>(bytes_.size()))); }

 private:
  FileText() = default;
  std::string bytes_;
};

// Notes that a passphrase was asked for, and has none.
int NoPassphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<std::vector<CertificatePtr>> ReadCertificates(const std::string& path) {
  ASSIGN_OR_RETURN(const auto text, FileText::Read(path));
  const BioPtr bio = text->bio();
  std::vector<CertificatePtr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    certificates.emplace_back(certificate);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = Reason();
  if (!certificates.empty() && !at_end) return Bad(path + " holds a certificate that cannot be read: " + reason);
  if (certificates.empty()) return Bad(path + " holds no certificate in PEM form");
  return certificates;
}

Result<KeyPtr> ReadKey(const std::string& path) {
  ASSIGN_OR_RETURN(const auto text, FileText::Read(path));
  bool encrypted = false;
  KeyPtr key(PEM_read_bio_PrivateKey(text->bio().get(), nullptr, NoPassphrase, &encrypted));
  if (key == nullptr) {
    Reason();
    if (encrypted) return Bad("the key in " + path + " has a passphrase, and nobody is there to be asked for it");
    return Bad(path + " holds no private key in PEM form");
  }
  return key;
}

// Clients that offer no protocol at all speak HTTP/1.1 too; to those that offer only others we say so (RFC 7301 §3.2).
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kHttp11, sizeof kHttp11, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int size = ASN1_STRING_length(address);
  if (size == 4 || size == 16)
    ::inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text, sizeof text);
  return text;
}

std::vector<std::string> NamesOf(X509* certificate) {
  std::vector<std::string> names;
  const NamesPtr all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    std::string text;
    if (name->type == GEN_DNS) {
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      text = AddressText(name->d.iPAddress);
    }
    // "*" alone would be every name there is.
    if (!text.empty() && text != "*" && text.find('\0') == std::string::npos) names.push_back(std::move(text));
  }
  return names;
}

WallTime ValidUntil(X509* certificate) {
  std::tm calendar{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &calendar) != 1) return {};
  return WallTime(std::chrono::seconds(::timegm(&calendar)));
}

std::string FingerprintOf(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  return HexEncode({reinterpret_cast<const char*>(digest), size});
}

// The fingerprints of the CAs that clients' certificates must come from.
Result<std::string> AskForClientCertificates(SSL_CTX* context, const std::string& path) {
  std::string fingerprints;
  ASSIGN_OR_RETURN(const auto authorities, ReadCertificates(path));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const CertificatePtr& authority : authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) return Bad(path + ": " + Reason());
    SSL_CTX_add_client_CA(context, authority.get());  // so that clients with several know which one to show
    fingerprints += FingerprintOf(authority.get());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return fingerprints;
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsFiles& files) {
  // OpenSSL writes to its socket with write(2), which raises SIGPIPE when the peer has gone.
  std::signal(SIGPIPE, SIG_IGN);
  ASSIGN_OR_RETURN(const auto certificates, ReadCertificates(files.certificate));
  ASSIGN_OR_RETURN(const KeyPtr key, ReadKey(files.key));

  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return Error(ErrorCode::kInternal, "OpenSSL: " + Reason());
  std::shared_ptr<TlsContext> owner(new TlsContext(context));
  SSL_CTX_set_min_proto_version(context, files.only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // One read(2) fetches as many records as have come.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);

  X509* leaf = certificates.front().get();
  if (SSL_CTX_use_certificate(context, leaf) != 1)
    return Bad("the certificate in " + files.certificate + " cannot be used: " + Reason());
  for (std::size_t i = 1; i < certificates.size(); ++i) SSL_CTX_add1_chain_cert(context, certificates[i].get());
  if (X509_check_private_key(leaf, key.get()) != 1) {
    Reason();
    return Bad("the key in " + files.key + " does not belong to the certificate in " + files.certificate);
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return Bad("the key in " + files.key + " cannot be used: " + Reason());
  if (!files.client_ca.empty()) {
    ASSIGN_OR_RETURN(owner->client_ca_fingerprint_, AskForClientCertificates(context, files.client_ca));
  }

  owner->names_ = NamesOf(leaf);
  owner->valid_until_ = ValidUntil(leaf);
  owner->fingerprint_ = FingerprintOf(leaf);
  return std::shared_ptr<const TlsContext>(std::move(owner));
}

}  // namespace patchbay::net
