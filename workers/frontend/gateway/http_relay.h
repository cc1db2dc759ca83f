// HTTP requests that come by gRPC, from a bridge, answered by the frontend's own server as if they had come by a
// listener.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "lib/async/time_source.h"
#include "lib/net/http_exchange.h"
#include "lib/net/http_server.h"
#include "patchbay/gateway/v1/relay.pb.h"

namespace patchbay::frontend {

// Where the pieces of one exchange come from and go to.
class RelayPieces {
 public:
  virtual ~RelayPieces() = default;
  // False: the caller has sent everything, or is gone.
  virtual Awaitable<bool> Receive(gateway::v1::HttpPiece& piece) = 0;
  // False: the caller is gone.
  virtual Awaitable<bool> Send(const gateway::v1::HttpPiece& piece) = 0;
  virtual void Cancel() = 0;
  // At most once, when the caller leaves before the end.
  virtual void OnCancelled(std::function<void()> callback) = 0;
};

// The exchange as handlers see it. A message is what a handler wrote at once; a caller that takes none keeps it
// waiting.
class RelayExchange final : public net::HttpExchange {
 public:
  // Largest message: a body of megabytes goes in several.
  static constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

  // `first` has the head, and the beginning of the body. `caller` is what the records call the remote end. A caller
  // that sends no piece of the body for `limits.body_timeout`, or takes none of the answer for `limits.write_timeout`,
  // is cancelled. `time` outlives the exchange.
  RelayExchange(gateway::v1::HttpPiece first, std::string caller, const net::HttpLimits& limits,
                std::shared_ptr<RelayPieces> pieces, async::TimeSource& time);

  const net::HttpRequest& request() const override { return request_; }
  Awaitable<Result<std::string>> ReadBody() override;
  Awaitable<bool> Respond(int status, net::HttpHeaders headers, std::string body) override;
  Awaitable<bool> StartStream(int status, net::HttpHeaders headers) override;
  Awaitable<bool> Write(std::string bytes) override;
  Awaitable<bool> FinishStream(std::string last) override;
  void Abort() override { pieces_->Cancel(); }
  void OnDisconnect(std::function<void()> callback) override { pieces_->OnCancelled(std::move(callback)); }
  bool response_started() const override { return started_; }

  // Whether the answer was written to its end.
  bool finished() const { return finished_; }

 private:
  Awaitable<bool> Send(std::string bytes, bool last);

  gateway::v1::HttpPiece first_;  // `request_` points into it
  const std::string caller_;
  const std::size_t body_bytes_max_;
  const std::chrono::milliseconds body_timeout_, write_timeout_;
  const std::shared_ptr<RelayPieces> pieces_;
  async::TimeSource& time_;
  net::HttpRequest request_;
  std::string body_;
  gateway::v1::HttpPiece next_;  // the head of the answer, until it is sent
  bool started_ = false;
  bool finished_ = false;
};

}  // namespace patchbay::frontend
