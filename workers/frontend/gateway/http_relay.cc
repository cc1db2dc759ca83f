#include "workers/frontend/gateway/http_relay.h"

#include <algorithm>
#include <utility>

#include "lib/wire/json.h"

namespace patchbay::frontend {

RelayExchange::RelayExchange(gateway::v1::HttpPiece first, std::string caller, const net::HttpLimits& limits,
                             std::shared_ptr<RelayPieces> pieces, async::TimeSource& time)
    : first_(std::move(first)),
      caller_(std::move(caller)),
      body_bytes_max_(limits.body_bytes),
      body_timeout_(limits.body_timeout),
      write_timeout_(limits.write_timeout),
      pieces_(std::move(pieces)),
      time_(time),
      body_(std::move(*first_.mutable_body())) {
  const gateway::v1::HttpHead& head = first_.head();
  request_.method = head.method();
  request_.target = head.target();
  request_.path = request_.target.substr(0, request_.target.find('?'));
  if (request_.path.size() < request_.target.size()) request_.query = request_.target.substr(request_.path.size() + 1);
  for (const auto& header : head.headers()) request_.headers.push_back({header.name(), header.value()});
  request_.remote_address = caller_;
}

Awaitable<Result<std::string>> RelayExchange::ReadBody() {
  const auto too_large = [this] {
    return Error(ErrorCode::kTooLarge, "the request body is larger than " + std::to_string(body_bytes_max_) + " bytes")
        .From(Origin::kClient);
  };
  bool late = false;
  gateway::v1::HttpPiece piece;
  for (;;) {
    if (body_.size() > body_bytes_max_) co_return too_large();
    const auto overdue = time_.After(body_timeout_, [this, &late] {
      late = true;
      pieces_->Cancel();
    });
    const bool more = co_await pieces_->Receive(piece);
    // Half a body is none, whatever a JSON reader would make of it.
    if (late) {
      co_return Error(ErrorCode::kDeadlineExceeded, "the request body did not arrive in time").From(Origin::kClient);
    }
    if (!more) break;
    body_.append(piece.body());
    piece.Clear();
  }
  body_.reserve(body_.size() + wire::kJsonPadding);
  co_return std::move(body_);
}

Awaitable<bool> RelayExchange::Respond(int status, net::HttpHeaders headers, std::string body) {
  const bool begun = co_await StartStream(status, std::move(headers));
  if (!begun) co_return false;
  co_return co_await FinishStream(std::move(body));
}

Awaitable<bool> RelayExchange::StartStream(int status, net::HttpHeaders headers) {
  if (started_) co_return false;
  next_.Clear();
  next_.mutable_head()->set_status(status);
  for (auto& [name, value] : headers) {
    auto& header = *next_.mutable_head()->add_headers();
    header.set_name(std::move(name));
    header.set_value(std::move(value));
  }
  co_return true;
}

Awaitable<bool> RelayExchange::Write(std::string bytes) {
  if (bytes.empty() && started_) co_return true;
  co_return co_await Send(std::move(bytes), /*last=*/false);
}

Awaitable<bool> RelayExchange::FinishStream(std::string last) {
  finished_ = co_await Send(std::move(last), /*last=*/true);
  co_return finished_;
}

Awaitable<bool> RelayExchange::Send(std::string bytes, bool last) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t size = std::min(kPieceBytes, bytes.size() - at);
    // Nearly every write is one piece, and is not copied.
    next_.set_body(size == bytes.size() ? std::move(bytes) : bytes.substr(at, size));
    at += size;
    const bool whole = at >= bytes.size();
    next_.set_last(last && whole);
    started_ = true;
    const auto overdue = time_.After(write_timeout_, [this] { pieces_->Cancel(); });
    const bool sent = co_await pieces_->Send(next_);
    next_.Clear();
    if (!sent || whole) co_return sent;
  }
}

}  // namespace patchbay::frontend
