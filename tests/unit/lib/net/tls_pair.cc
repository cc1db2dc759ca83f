#include "tests/unit/lib/net/tls_pair.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "lib/base/encoding.h"

namespace patchbay::net {

TlsFolder::TlsFolder() {
  char folder[] = "/tmp/patchbay-tls-XXXXXX";
  EXPECT_NE(::mkdtemp(folder), nullptr);
  folder_ = folder;
}

TlsFolder::~TlsFolder() { std::filesystem::remove_all(folder_); }

TlsFiles TlsFolder::Make(const std::string& name, const std::string& names) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, subject);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, key, EVP_sha256());
  TlsFiles files;
  files.certificate = (folder_ / (name + ".crt")).string();
  files.key = (folder_ / (name + ".key")).string();
  std::FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

std::string TlsFolder::Write(const std::string& name, std::string_view text) {
  const std::filesystem::path path = folder_ / name;
  std::ofstream(path) << text;
  return path.string();
}

std::string TlsFolder::Encrypt(const std::string& key_file) {
  std::FILE* file = std::fopen(key_file.c_str(), "r");
  EVP_PKEY* key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  const std::string out = key_file + ".encrypted";
  file = std::fopen(out.c_str(), "w");
  const unsigned char passphrase[] = "secret";
  PEM_write_PrivateKey(file, key, EVP_aes_256_cbc(), passphrase, sizeof passphrase - 1, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  return out;
}

TlsClient::TlsClient(int port, const TlsClientOptions& options)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(port));
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (options.only_1_2) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  if (!options.shows.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(context, options.shows.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context, options.shows.key.c_str(), SSL_FILETYPE_PEM);
  }
  ssl_ = SSL_new(context);
  SSL_CTX_free(context);
  SSL_set_fd(ssl_, fd_);
  connected_ = SSL_connect(ssl_) == 1;
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  if (fd_ >= 0) ::close(fd_);
}

std::string TlsClient::fingerprint() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  X509_free(certificate);
  return HexEncode({reinterpret_cast<const char*>(digest), size});
}

bool TlsClient::Send(std::string_view bytes) {
  return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
}

std::string TlsClient::ReadUntil(std::string_view text) {
  std::string all;
  while (all.find(text) == std::string::npos) {
    char piece[16384];
    const int size = SSL_read(ssl_, piece, sizeof piece);
    if (size <= 0) break;
    all.append(piece, static_cast<std::size_t>(size));
  }
  return all;
}

bool TlsClient::heard_goodbye() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }

void TlsClient::Vanish() {
  ::close(fd_);
  fd_ = -1;
}

}  // namespace patchbay::net
