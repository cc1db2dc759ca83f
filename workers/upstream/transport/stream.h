// A TCP connection, plain or TLS, with awaitable operations and no buffers of its own.
//
// TLS runs on the socket itself (no BIO pair between): fewer copies, one read(2) per burst of
// records, and next to no memory while idle. Reads go into the caller's buffer.
// One read and one write may wait at a time. Close makes whatever waits return at once; the stream
// must outlive it. Single-threaded. Deadlines are the caller's, by Close.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "workers/upstream/transport/tls_context.h"

namespace patchbay::upstream {

enum class IoStatus { kOk, kClosed, kFailed };

struct IoResult {
  IoStatus status = IoStatus::kOk;
  std::size_t bytes = 0;
  std::string message;  // why, when it failed
};

class Stream {
 public:
  explicit Stream(asio::any_io_executor executor) : socket_(std::move(executor)) {}
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Awaitable<IoResult> Connect(asio::ip::tcp::endpoint endpoint);
  // After Connect. `context` and `sessions` are kept alive by the stream.
  Awaitable<IoResult> StartTls(std::shared_ptr<TlsContext> context, std::string host,
                               std::shared_ptr<TlsSessions> sessions);

  // Waits until there is something, then takes what is there, up to `capacity`. kClosed at the end.
  Awaitable<IoResult> Read(char* buffer, std::size_t capacity);
  // All of `bytes`, which must stay put.
  Awaitable<IoResult> Write(std::string_view bytes);

  void Close();
  // Gives TLS's buffers back, 17 KB, for a while in which nothing is expected. Reads do it by themselves before they
  // wait.
  void ReleaseBuffers();
  // Nothing arrived and nobody hung up while the connection was idle.
  bool LooksIdle();

 private:
  // Without waiting: kOk with 0 bytes means "wait for `*wait`".
  IoResult TryRead(char* buffer, std::size_t capacity, asio::socket_base::wait_type* wait);
  IoResult TryWrite(std::string_view bytes, asio::socket_base::wait_type* wait);
  IoResult TlsOutcome(int result, asio::socket_base::wait_type* wait);
  Awaitable<IoResult> Wait(asio::socket_base::wait_type wait);

  asio::ip::tcp::socket socket_;
  std::shared_ptr<TlsContext> context_;
  std::shared_ptr<TlsSessions> sessions_;
  ssl_st* tls_ = nullptr;
  bool closed_ = false;
};

}  // namespace patchbay::upstream
