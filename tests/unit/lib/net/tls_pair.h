// Certificates and keys made at test time, in a folder that goes with them, and a blocking TLS client.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lib/net/tls_context.h"

struct ssl_st;

namespace patchbay::net {

class TlsFolder {
 public:
  TlsFolder();
  ~TlsFolder();
  TlsFolder(const TlsFolder&) = delete;

  // A certificate that signs itself, for `names` ("DNS:localhost"), and its key.
  TlsFiles Make(const std::string& name, const std::string& names = "DNS:localhost,IP:127.0.0.1");
  std::string Write(const std::string& name, std::string_view text);
  // The key again, under a passphrase.
  std::string Encrypt(const std::string& key_file);

 private:
  std::filesystem::path folder_;
};

// What a client shows and the versions it speaks; it trusts everybody.
struct TlsClientOptions {
  TlsFiles shows = {};
  bool only_1_2 = false;
};

class TlsClient {
 public:
  explicit TlsClient(int port, const TlsClientOptions& options = {});
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  // SHA-256 of the server's certificate, in hex.
  std::string fingerprint() const;
  bool Send(std::string_view bytes);
  // What comes until `text` has come, or the end.
  std::string ReadUntil(std::string_view text);
  std::string ReadToEnd() { return ReadUntil(std::string(1, '\0')); }
  // Whether the end was said (close_notify), or just came.
  bool heard_goodbye() const;
  // Leaves without a word.
  void Vanish();

 private:
  int fd_;
  ssl_st* ssl_;
  bool connected_ = false;
};

}  // namespace patchbay::net
