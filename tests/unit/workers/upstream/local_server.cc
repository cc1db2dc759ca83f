#include "tests/unit/workers/upstream/local_server.h"

#include <arpa/inet.h>
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

#include "lib/base/check.h"
#include "lib/base/random.h"

namespace patchbay::upstream::testing {
namespace {

// A self-signed certificate for localhost and 127.0.0.1, which is also the authority to trust.
ssl_ctx_st* MakeContext(const std::filesystem::path& ca_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  for (const auto& [id, value] : {std::pair(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
                                  std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(ca_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  SSL_CTX* ssl = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(ssl, certificate);
  SSL_CTX_use_PrivateKey(ssl, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return ssl;
}

}  // namespace

Peer::~Peer() {
  if (tls_ != nullptr) SSL_free(tls_);
}

long Peer::Receive(char* buffer, std::size_t size) {
  return tls_ != nullptr ? SSL_read(tls_, buffer, static_cast<int>(size)) : ::recv(fd_, buffer, size, 0);
}

std::string Peer::ReadRequest() {
  while (true) {
    const std::size_t head_end = buffer_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      std::size_t body = 0;
      const std::size_t length = buffer_.substr(0, head_end).find("content-length: ");
      if (length != std::string::npos) body = std::strtoul(buffer_.c_str() + length + 16, nullptr, 10);
      if (buffer_.size() >= head_end + 4 + body) {
        std::string request = buffer_.substr(0, head_end + 4 + body);
        buffer_.erase(0, request.size());
        return request;
      }
    }
    char piece[16384];
    const long size = Receive(piece, sizeof piece);
    if (size <= 0) return {};
    buffer_.append(piece, static_cast<std::size_t>(size));
  }
}

std::string Peer::ReadBytes(std::size_t size) {
  while (buffer_.size() < size) {
    char piece[16384];
    const long received = Receive(piece, sizeof piece);
    if (received <= 0) break;
    buffer_.append(piece, static_cast<std::size_t>(received));
  }
  std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, bytes.size());
  return bytes;
}

bool Peer::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const long size = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                      : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool Peer::Answer(std::string_view body, std::string_view extra_headers) {
  std::string reply = "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n";
  reply.append(extra_headers).append("\r\n").append(body);
  return Write(reply);
}

void Peer::WaitForClose() {
  char byte = 0;
  Receive(&byte, 1);
}

void Peer::Reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

bool Peer::resumed() const { return tls_ != nullptr && SSL_session_reused(tls_) == 1; }

LocalServer::LocalServer(bool tls, Script script) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);
  directory_ = std::filesystem::temp_directory_path() / RandomId("patchbay-local-server-");
  std::filesystem::create_directories(directory_);
  if (tls) context_ = MakeContext(directory_ / "ca.pem");
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  PATCHBAY_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  PATCHBAY_CHECK(::listen(listener_, 64) == 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { AcceptLoop(); });
}

LocalServer::~LocalServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  if (context_ != nullptr) SSL_CTX_free(context_);
  std::filesystem::remove_all(directory_);
}

void LocalServer::AcceptLoop() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number = connections_++] { Serve(fd, number); });
  }
}

void LocalServer::Serve(int fd, int number) {
  SSL* tls = nullptr;
  bool ok = true;
  if (context_ != nullptr) {
    tls = SSL_new(context_);
    SSL_set_fd(tls, fd);
    ok = SSL_accept(tls) == 1;
  }
  {
    Peer peer(fd, tls, number);
    if (ok) script_(peer);
  }
  const std::lock_guard lock(mutex_);
  open_.remove(fd);
  ::close(fd);
}

LocalServer::Script Always(std::function<std::string(const std::string&)> answer) {
  return [answer = std::move(answer)](Peer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      if (!peer.Answer(answer(request))) return;
    }
  };
}

}  // namespace patchbay::upstream::testing
