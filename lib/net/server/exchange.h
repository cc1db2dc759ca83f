// HttpExchange on a Connection. Internal to lib/net.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/net/http_exchange.h"
#include "lib/net/server/connection.h"
#include "lib/net/server/response_head.h"

namespace patchbay::net::server {

class Exchange final : public HttpExchange, public std::enable_shared_from_this<Exchange> {
 public:
  explicit Exchange(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  const HttpRequest& request() const override { return request_; }
  Awaitable<Result<std::string>> ReadBody() override;
  Awaitable<bool> Respond(int status, HttpHeaders headers, std::string body) override;
  Awaitable<bool> StartStream(int status, HttpHeaders headers) override;
  Awaitable<bool> Write(std::string bytes) override;
  Awaitable<bool> FinishStream(std::string last) override;
  Awaitable<std::shared_ptr<WebSocket>> Upgrade(HttpHeaders headers, WebSocketOptions options) override;
  void Abort() override;
  void OnDisconnect(std::function<void()> callback) override;
  bool response_started() const override { return head_sent_; }

  // For Connection.
  HttpRequest& mutable_request() { return request_; }
  // The client ended or broke the connection while the handler ran.
  void ClientGone();
  bool gone() const { return gone_; }
  // Whether the response was sent to its end.
  bool finished() const { return phase_ == Phase::kDone; }
  // The handler returned: from now on this exchange can do nothing.
  void Detach();

 private:
  enum class Phase { kFresh, kStreaming, kFinishing, kDone };
  enum class Part { kWhole, kChunk, kLast };

  void PrepareHead(int status, const HttpHeaders& headers, bool stream, std::size_t length);
  Awaitable<bool> Send(std::shared_ptr<Exchange> self, std::string bytes, Part part);

  std::shared_ptr<Connection> connection_;  // null once detached
  HttpRequest request_;
  Phase phase_ = Phase::kFresh;
  Framing framing_ = Framing::kLength;
  bool send_body_ = true;  // false for HEAD and for statuses without a body
  bool head_sent_ = false;
  bool writing_ = false;
  bool body_asked_ = false;
  bool gone_ = false;
  std::string head_;
  std::function<void()> on_disconnect_;
};

}  // namespace patchbay::net::server
