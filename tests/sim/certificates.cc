#include "tests/sim/certificates.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace patchbay::sim {
namespace {

constexpr long kDay = 24L * 3600;
constexpr long kAuthorityDays = 3650;
constexpr long kServerDays = 365;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

Error Failed(const char* what) { return Error(ErrorCode::kInternal, std::string("certificates: ") + what); }

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool SetName(X509_NAME* name, const char* common_name) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name), -1,
                                    -1, 0) == 1;
}

// Key, serial number, validity and names; extensions and signature are the caller's.
Result<Identity> Begin(const char* common_name, long days, const Identity* authority) {
  Identity identity;
  identity.key.reset(EVP_EC_gen("P-256"));
  identity.certificate.reset(X509_new());
  if (!identity.key || !identity.certificate) return Failed("no key");
  X509* certificate = identity.certificate.get();
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) return Failed("no randomness");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_set_version(certificate, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * kDay);
  X509_set_pubkey(certificate, identity.key.get());
  X509* issuer = authority == nullptr ? certificate : authority->certificate.get();
  if (!SetName(X509_get_subject_name(certificate), common_name)) return Failed("bad name");
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  return identity;
}

Result<void> WritePem(const std::filesystem::path& path, mode_t mode, const Identity& identity, bool key) {
  // Written whole under another name first: a second process may read it at any time.
  const std::string temporary = path.string() + ".new";
  const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor < 0) return Failed("cannot write the authority's file");
  const File file(fdopen(descriptor, "w"));
  const int written = key ? PEM_write_PrivateKey(file.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr)
                          : PEM_write_X509(file.get(), identity.certificate.get());
  if (written != 1 || std::fflush(file.get()) != 0) return Failed("cannot write the authority's file");
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) return Failed("cannot put the authority's file in its place");
  return {};
}

}  // namespace

void KeyDeleter::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void CertificateDeleter::operator()(X509* certificate) const { X509_free(certificate); }

Result<Identity> LoadOrMakeAuthority(const std::filesystem::path& directory) {
  const auto certificate_path = directory / "ca.pem";
  const auto key_path = directory / "ca.key";
  const File certificate_file(std::fopen(certificate_path.c_str(), "re"));
  const File key_file(std::fopen(key_path.c_str(), "re"));
  if (certificate_file && key_file) {
    Identity identity;
    identity.certificate.reset(PEM_read_X509(certificate_file.get(), nullptr, nullptr, nullptr));
    identity.key.reset(PEM_read_PrivateKey(key_file.get(), nullptr, nullptr, nullptr));
    if (identity.certificate && identity.key &&
        X509_check_private_key(identity.certificate.get(), identity.key.get()) == 1) {
      return identity;
    }
  }
  ASSIGN_OR_RETURN(Identity identity, Begin("patchbay simulated provider CA", kAuthorityDays, nullptr));
  X509* certificate = identity.certificate.get();
  if (!AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") ||
      !AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(certificate, certificate, NID_subject_key_identifier, "hash") ||
      X509_sign(certificate, identity.key.get(), EVP_sha256()) == 0) {
    return Failed("cannot sign the authority");
  }
  RETURN_IF_ERROR(WritePem(key_path, 0600, identity, true));
  RETURN_IF_ERROR(WritePem(certificate_path, 0644, identity, false));
  return identity;
}

Result<Identity> MakeServerIdentity(const Identity& authority) {
  ASSIGN_OR_RETURN(Identity identity, Begin("localhost", kServerDays, &authority));
  X509* certificate = identity.certificate.get();
  X509* issuer = authority.certificate.get();
  if (!AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(certificate, issuer, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(certificate, issuer, NID_ext_key_usage, "serverAuth") ||
      !AddExtension(certificate, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") ||
      !AddExtension(certificate, issuer, NID_subject_key_identifier, "hash") ||
      !AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid") ||
      X509_sign(certificate, authority.key.get(), EVP_sha256()) == 0) {
    return Failed("cannot sign the server certificate");
  }
  return identity;
}

}  // namespace patchbay::sim
