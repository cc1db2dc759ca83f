// A small HTTP server for tests, plain or TLS, on 127.0.0.1 with a certificate of its own making.
// Each connection runs the test's script in a thread: blocking code that reads like the exchange.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

struct ssl_st;
struct ssl_ctx_st;

namespace patchbay::upstream::testing {

// The server's side of one connection.
class Peer {
 public:
  Peer(int fd, ssl_st* tls, int number) : fd_(fd), tls_(tls), number_(number) {}
  ~Peer();
  // One request, head and body; empty when the client has closed.
  std::string ReadRequest();
  // That many bytes; fewer when the client has closed.
  std::string ReadBytes(std::size_t size);
  bool Write(std::string_view bytes);
  // 200 with this body and content-length.
  bool Answer(std::string_view body, std::string_view extra_headers = "");
  // Returns when the client closes (or sends something nobody asked for).
  void WaitForClose();
  // Ends with RST instead of FIN.
  void Reset();
  bool resumed() const;
  int number() const { return number_; }  // of the connection, from 0

 private:
  long Receive(char* buffer, std::size_t size);
  int fd_;
  ssl_st* tls_;
  int number_;
  std::string buffer_;
};

class LocalServer {
 public:
  using Script = std::function<void(Peer&)>;
  LocalServer(bool tls, Script script);
  // Closes everything; scripts that wait are woken.
  ~LocalServer();

  std::uint16_t port() const { return port_; }
  std::string ca_file() const { return (directory_ / "ca.pem").string(); }
  std::string url() const { return (context_ ? "https://localhost:" : "http://localhost:") + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void AcceptLoop();
  void Serve(int fd, int number);

  std::filesystem::path directory_;
  Script script_;
  ssl_ctx_st* context_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::list<int> open_;  // descriptors to shut down at the end
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

// Serves requests on a connection with `answer(request)` until the client closes.
LocalServer::Script Always(std::function<std::string(const std::string& request)> answer);

}  // namespace patchbay::upstream::testing
