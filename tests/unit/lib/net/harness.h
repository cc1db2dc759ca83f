// A real HttpServer on a loopback port with its own thread, and a blocking client that can misbehave.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "lib/net/http_server.h"

namespace patchbay::net {

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // without its chunks
  bool complete = false;                       // it ended as its head said it would
  int chunks = 0;
};

class Client {
 public:
  // `receive_buffer`, when positive, keeps the kernel from taking more for a client that does not read.
  explicit Client(int port, int receive_buffer = 0);
  Client(Client&& other) noexcept;
  ~Client();

  Client& Send(std::string_view bytes);  // gives up quietly when the server closed
  Response Read(bool head_request = false);
  // What comes until the connection ends; `reset` tells whether it ended by a reset.
  std::string ReadToEnd(bool* reset = nullptr);
  std::string ReadSome(std::size_t most = 65536);
  // Whether the server ended the connection; waits for it.
  bool AtEnd();
  void HalfClose();
  void Close();
  void CloseWithReset();

 private:
  bool Fill();
  int fd_;
  std::string in_;
};

class TestServer {
 public:
  explicit TestServer(HttpServer::Handler handler, HttpLimits limits = {}, ErrorBodyFunction error_body = {});
  ~TestServer();

  Client Connect(int receive_buffer = 0) const { return Client(port_, receive_buffer); }
  int port() const { return port_; }
  // Serves on one more port, whose connections begin with TLS and whose requests name the listener `id`.
  int ListenTls(std::size_t id, std::shared_ptr<const TlsContext> tls);
  // Runs `function` on the server's thread and waits for it.
  void OnServer(std::function<void(HttpServer&)> function);
  HttpServerStats stats();
  // Destroys the HttpServer while its thread goes on.
  void DestroyServer();
  // Starts draining; the function waits until it is done.
  std::function<void()> Drain();

 private:
  asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
  std::thread thread_;
};

// A handler that answers with "METHOD PATH BODY".
HttpServer::Handler Echo();

std::string Get(std::string_view path, std::string_view headers = {});
std::string Post(std::string_view path, std::string_view body, std::string_view headers = {});

}  // namespace patchbay::net
