#include "lib/rpc/tls.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace patchbay::rpc {
namespace {

constexpr unsigned kLookAgainSeconds = 5;

using Provider = grpc::experimental::FileWatcherCertificateProvider;

std::shared_ptr<Provider> ProviderOf(const TlsFiles& files) {
  return std::make_shared<Provider>(files.key, files.certificate, files.authority, kLookAgainSeconds);
}

Error Bad(std::string what) { return {ErrorCode::kFailedPrecondition, std::move(what)}; }

Result<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Bad("cannot read " + path + ": " + std::strerror(errno));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

std::unique_ptr<BIO, FreeBio> Reading(const std::string& text) {
  return std::unique_ptr<BIO, FreeBio>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<CertificatePtr> ReadCertificate(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPem(path));
  CertificatePtr certificate(PEM_read_bio_X509(Reading(text).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return Bad(path + " holds no certificate in PEM form");
  return certificate;
}

// Nobody is there to be asked for a passphrase.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

Result<void> CheckTlsFiles(const TlsFiles& files) {
  ASSIGN_OR_RETURN(const CertificatePtr authority, ReadCertificate(files.authority));
  ASSIGN_OR_RETURN(const CertificatePtr certificate, ReadCertificate(files.certificate));
  ASSIGN_OR_RETURN(const std::string text, ReadPem(files.key));
  const KeyPtr key(PEM_read_bio_PrivateKey(Reading(text).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) return Bad(files.key + " holds no private key in PEM form");
  const bool pair = X509_check_private_key(certificate.get(), key.get()) == 1;
  const bool ours = X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  if (!pair) return Bad("the key in " + files.key + " does not belong to the certificate in " + files.certificate);
  if (!ours) return Bad("the certificate in " + files.certificate + " was not signed by that in " + files.authority);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return Bad("the certificate in " + files.certificate + " has expired");
  }
  return {};
}

std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(const TlsFiles& files) {
  grpc::experimental::TlsServerCredentialsOptions options(ProviderOf(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> TlsChannelCredentials(const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(ProviderOf(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace patchbay::rpc
