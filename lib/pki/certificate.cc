#include "lib/pki/certificate.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "lib/base/random.h"

namespace patchbay::pki {
namespace {

constexpr std::size_t kSerialBytes = 16;
// Clocks of two machines differ a little.
constexpr std::chrono::minutes kBackdated{5};

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

Error OpenSslError(std::string_view what) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return {ErrorCode::kInternal, std::string(what) + ": " + (reason == nullptr ? "OpenSSL refuses" : reason)};
}

Bio Reading(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Result<Certificate> CertificateOf(std::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(Reading(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return Error(ErrorCode::kInvalidArgument, "not a certificate in PEM form");
  return certificate;
}

// Nobody is there to be asked for a passphrase.
int AskNobody(char*, int, int, void*) { return -1; }

bool Add(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool AddExtensions(X509* certificate, X509* issuer, const Wish& wish) {
  const bool authority = wish.alternative_name.empty();
  if (!Add(certificate, issuer, NID_basic_constraints,
           authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") ||
      !Add(certificate, issuer, NID_key_usage,
           authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") ||
      !Add(certificate, issuer, NID_subject_key_identifier, "hash")) {
    return false;
  }
  if (authority) return true;
  return Add(certificate, issuer, NID_authority_key_identifier, "keyid") &&
         Add(certificate, issuer, NID_ext_key_usage, wish.server ? "serverAuth" : "clientAuth") &&
         Add(certificate, issuer, NID_subject_alt_name, wish.alternative_name);
}

bool Describe(X509* certificate, const Wish& wish) {
  std::string bytes = RandomBytes(kSerialBytes);
  bytes.front() = static_cast<char>((bytes.front() & 0x7f) | 0x40);  // positive, and always as long
  const Number serial(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
  const auto seconds = [](WallTime time) {
    return static_cast<std::time_t>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
  };
  return serial != nullptr && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr &&
         X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(wish.from - kBackdated)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(wish.from + wish.valid)) != nullptr &&
         X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0) == 1;
}

}  // namespace

Result<Pair> MakePair(const Wish& wish, const Pair* authority) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  if (key == nullptr || certificate == nullptr) return OpenSslError("cannot make a key");
  Certificate issuer;
  Key issuer_key;
  if (authority != nullptr) {
    ASSIGN_OR_RETURN(issuer, CertificateOf(authority->certificate));
    issuer_key.reset(PEM_read_bio_PrivateKey(Reading(authority->key.Reveal()).get(), nullptr, nullptr, nullptr));
    if (issuer_key == nullptr || X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
      ERR_clear_error();
      return Error(ErrorCode::kFailedPrecondition, "the authority's key does not belong to its certificate");
    }
  }
  X509* const signer = issuer == nullptr ? certificate.get() : issuer.get();
  EVP_PKEY* const signing_key = issuer_key == nullptr ? key.get() : issuer_key.get();
  if (!Describe(certificate.get(), wish) || X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) != 1 ||
      !AddExtensions(certificate.get(), signer, wish) || X509_sign(certificate.get(), signing_key, EVP_sha256()) == 0) {
    return OpenSslError("cannot make a certificate");
  }
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpenSslError("cannot write a certificate");
  }
  return Pair{TextOf(certificate_text.get()), Secret(TextOf(key_text.get()))};
}

Result<CertificateFacts> ReadCertificate(std::string_view pem) {
  ASSIGN_OR_RETURN(const Certificate certificate, CertificateOf(pem));
  CertificateFacts facts;
  const Number serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.get()), nullptr));
  char* hex = serial == nullptr ? nullptr : BN_bn2hex(serial.get());
  if (hex != nullptr) facts.serial = hex;
  OPENSSL_free(hex);
  std::tm calendar{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &calendar) == 1) {
    facts.expires_at = WallTime(std::chrono::seconds(::timegm(&calendar)));
  }
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && facts.uri.empty(); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    facts.uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                     static_cast<std::size_t>(ASN1_STRING_length(uri)));
  }
  ERR_clear_error();
  return facts;
}

bool IsPairOf(std::string_view authority, std::string_view pem) {
  const auto signer = CertificateOf(authority), certificate = CertificateOf(pem);
  if (!signer.ok() || !certificate.ok()) return false;
  const Key key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, AskNobody, nullptr));
  const bool whole = key != nullptr && X509_check_private_key(certificate->get(), key.get()) == 1 &&
                     X509_verify(certificate->get(), X509_get0_pubkey(signer->get())) == 1;
  ERR_clear_error();
  return whole;
}

}  // namespace patchbay::pki
