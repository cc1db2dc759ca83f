// A WebSocket to a provider (RFC 6455), over the same connections, TLS and address guard as everything else.
//
//   WebSocket socket(pool);
//   if (co_await socket.Open(std::move(request))) {
//     while (co_await socket.Read(text) == ReadStatus::kData) …
//   }
//
// One Read and one Write may wait at a time, together. Pings are answered while a Read waits. Never pooled: what the
// provider remembers belongs to the connection. Single-threaded. Must outlive its coroutines. Beast stays in the .cc.
#pragma once

#include <memory>
#include <string>

#include "lib/base/clock.h"
#include "workers/upstream/transport/connector.h"
#include "workers/upstream/transport/http1/round_trip.h"
#include "workers/upstream/transport/http_types.h"
#include "workers/upstream/transport/road.h"

namespace patchbay::upstream {

// One message of a provider. Partial images are the largest that are seen.
inline constexpr std::size_t kMaxSocketMessageBytes = std::size_t{64} << 20;

struct WebSocketRequest {
  Destination to;
  std::string path;
  Headers headers;  // after those of the handshake itself, in wire order
  std::chrono::milliseconds connect_timeout{10'000};
  SteadyTime deadline = SteadyTime::max();  // of the whole opening
};

class WebSocket {
 public:
  explicit WebSocket(std::shared_ptr<ConnectionPool> pool);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // False: the provider refused (head().status is not 0, refusal() is its body), or it was not reached (failure()).
  Awaitable<bool> Open(WebSocketRequest request);
  const ResponseHead& head() const { return head_; }
  const std::string& refusal() const { return refusal_; }
  const TransportFailure& failure() const { return failure_; }
  std::chrono::nanoseconds connect_time() const { return connector_.time(); }
  std::chrono::nanoseconds handshake_time() const { return handshake_time_; }

  // One whole text message, in `text` (replaced). kEnd: the provider closed, see close_code(). kFailed: the connection
  // broke, or the provider broke the protocol, see failure().
  Awaitable<ReadStatus> Read(std::string& text);
  // One text message. False: the connection is over, and Read tells why.
  Awaitable<bool> Write(std::string text);
  // Says goodbye and closes, within a moment.
  Awaitable<void> Close(int code);
  // Closes the connection now; whatever waits returns.
  void Cancel();

  int close_code() const { return close_code_; }  // 1005 when the provider gave none
  const std::string& close_reason() const { return close_reason_; }

 private:
  struct Impl;

  void TakeResponse(int status, Headers headers, std::string body);
  void Fail(inference::v1::FailureStage stage, std::string message);

  std::shared_ptr<ConnectionPool> pool_;
  Connector connector_;
  async::Watchdog watchdog_;
  std::unique_ptr<Impl> impl_;
  ResponseHead head_;
  std::string refusal_;
  TransportFailure failure_;
  std::chrono::nanoseconds handshake_time_{0};
  int close_code_ = 0;
  std::string close_reason_;
  bool timed_out_ = false;
  bool cancelled_ = false;
};

}  // namespace patchbay::upstream
