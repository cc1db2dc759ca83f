#include "lib/net/server/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "lib/log/log.h"
#include "lib/net/server/body_decoder.h"
#include "lib/net/server/exchange.h"
#include "lib/net/server/response_head.h"
#include "lib/net/server/tls_session.h"

namespace patchbay::net::server {
namespace {

// An unread body up to this size is read and thrown away to keep the connection; a larger one costs the
// client a new connection, which is cheaper than the upload.
constexpr std::uint64_t kMaxSkippedBytes = 64 << 10;
// A client that is told "too large" in the middle of its upload is listened to this long, at most this much.
constexpr std::chrono::milliseconds kLingerTime{3000};
constexpr std::size_t kMaxLingerBytes = std::size_t{256} << 20;
// A body must arrive at this rate on the whole, beside arriving at all within the body timeout.
constexpr std::size_t kMinBodyBytesPerSecond = 1024;
// One connection's turn on the event loop while its client sends faster than we read.
constexpr std::size_t kBytesPerTurn = std::size_t{1} << 20;
// Receive buffers larger than this are given back between requests.
constexpr std::size_t kMaxIdleBuffer = 1024;

}  // namespace

void OutBuffers::Consume(std::size_t bytes) {
  while (bytes > 0) {
    iovec& piece = pieces_[first_];
    const std::size_t taken = std::min(bytes, piece.iov_len);
    piece.iov_base = static_cast<char*>(piece.iov_base) + taken;
    piece.iov_len -= taken;
    bytes -= taken;
    if (piece.iov_len == 0) ++first_;
  }
}

Connection::Connection(std::shared_ptr<State> state, Accepted accepted)
    : state_(std::move(state)),
      executor_(state_->io.get_executor()),
      socket_(executor_, asio::generic::stream_protocol(accepted.family, 0), accepted.fd),
      remote_address_(std::move(accepted.remote_address)),
      refused_(accepted.refused),
      listener_(accepted.listener.id),
      tls_context_(std::move(accepted.listener.tls)) {
  state_->Joined(*this);
  if (!tls_context_ || refused_) return;
  phase_ = Phase::kHandshake;
  ++state_->stats.handshakes;
}

Connection::~Connection() { state_->Left(refused_); }

Awaitable<void> Connection::Run() {
  const auto self = shared_from_this();
  if (tls_context_ && !co_await Handshake()) co_return Close();
  SetDeadline(state_->draining ? HttpServer::kDrainIdleGrace : state_->limits.head_timeout);
  while (true) {
    if (in_.empty() && !co_await WaitReadable()) break;
    {
      const auto exchange = std::make_shared<Exchange>(self);
      if (!co_await ReadHead(exchange)) break;
      co_await Handle(exchange);
    }
    if (closed()) break;
    if (close_after_ || state_->draining) {
      if (!parser_->body_done() || !in_.empty()) co_await LingeringClose();
      break;
    }
    if (!parser_->body_done() && !co_await SkipBody()) break;
    parser_.reset();
    if (in_.empty() && in_.capacity() > kMaxIdleBuffer) in_ = std::string();
    phase_ = Phase::kIdle;
    idle_since_ = Now();
    SetDeadline(state_->limits.idle_timeout);
  }
  Close();
}

Awaitable<void> Connection::Refuse() {
  const auto self = shared_from_this();
  // Over TLS it would take a handshake to say so, which is the work that this limit is to spare.
  if (!tls_context_) co_await Answer(503, "too many connections", 11);
  Close();
}

Awaitable<bool> Connection::ReadHead(std::shared_ptr<Exchange> exchange) {
  const std::size_t limit = state_->limits.header_bytes;
  parser_.emplace();
  body_failed_ = false;
  close_after_ = false;
  std::size_t scanned = 0;
  std::size_t size = 0;
  std::string_view bytes = in_;
  while (true) {
    size = RequestParser::HeadSize(bytes, scanned);
    if (size > limit || (size == 0 && bytes.size() > limit)) {
      ++state_->stats.malformed_total;
      co_await Answer(431, "the request head is larger than " + std::to_string(limit) + " bytes", 11);
      co_return false;
    }
    if (size > 0) break;
    Keep(bytes);
    if (phase_ == Phase::kIdle && !in_.empty()) SetDeadline(state_->limits.head_timeout);
    if (!in_.empty()) phase_ = Phase::kHead;
    std::string_view received;
    Received outcome = Receive(state_->scratch.size(), received);
    while (outcome == Received::kNothing) {
      if (!co_await WaitReadable()) {
        if (timed_out_ && phase_ == Phase::kHead) co_await Answer(408, "the request head did not arrive in time", 11);
        co_return false;
      }
      outcome = Receive(state_->scratch.size(), received);
    }
    if (outcome == Received::kEnd) co_return false;
    bytes = Gather(received);
    if (phase_ == Phase::kHead || tls_ || bytes.front() != kHandshakeRecord) continue;
    ++state_->stats.tls_on_plain_total;
    state_->Hint("tls.on_plain_port", remote_address_, "a client speaks https where this listener has no certificate");
    co_return false;
  }
  HttpRequest& request = exchange->mutable_request();
  request.remote_address = remote_address_;
  request.listener = listener_;
  request.secure = tls_ != nullptr;
  const auto refusal = parser_->ParseHead(bytes.substr(0, size), request);
  Keep(bytes.substr(size));
  if (refusal) {
    ++state_->stats.malformed_total;
    co_await Answer(refusal->status, refusal->message, 11);
    co_return false;
  }
  co_return true;
}

Awaitable<void> Connection::Handle(std::shared_ptr<Exchange> exchange) {
  phase_ = Phase::kHandling;
  ClearDeadline();
  exchange_ = exchange.get();
  ++state_->stats.requests_total;
  ++state_->stats.in_flight;
  Watch();
  std::string bug;
  try {
    co_await state_->handler(exchange);
    // A client that is gone needs no answer; that the handler gave none is right.
    if (!exchange->finished() && !closed() && !exchange->gone() && !exchange->response_started())
      bug = "it did not answer";
  } catch (const std::exception& exception) {
    bug = exception.what();
  }
  if (!bug.empty()) log::Error("http.handler_failed", {{"path", exchange->request().path}, {"reason", bug}});
  if (!bug.empty() && !exchange->response_started() && !closed()) {
    ErrorBody error = state_->MakeErrorBody(500, "internal error");
    HttpHeaders headers = {{"Content-Type", error.content_type}};
    co_await exchange->Respond(500, std::move(headers), std::move(error.body));
  }
  if (!exchange->finished()) exchange->Abort();
  exchange->Detach();
  exchange_ = nullptr;
  --state_->stats.in_flight;
}

Awaitable<Result<void>> Connection::ReadBody(BodyDecoder& decoder) {
  reading_body_ = true;
  body_failed_ = true;  // until it has not
  const auto read = [&]() -> Awaitable<Result<void>> {
    const SteadyTime started = Now();
    std::size_t total = 0;
    std::size_t turn = 0;
    std::string_view bytes = in_;
    while (true) {
      CO_ASSIGN_OR_RETURN(const std::size_t used, parser_->ParseBody(bytes, decoder));
      Keep(bytes.substr(used));
      if (parser_->body_done()) co_return decoder.Finish();
      if (turn > kBytesPerTurn) {
        turn = 0;
        co_await asio::post(executor_, asio::use_awaitable);
      }
      std::string_view received;
      Received outcome = Receive(state_->scratch.size(), received);
      while (outcome == Received::kNothing) {
        const auto slowest =
            started + state_->limits.body_timeout + std::chrono::seconds(total / kMinBodyBytesPerSecond);
        SetDeadline(state_->limits.body_timeout);
        read_deadline_ = std::min(read_deadline_, slowest);
        if (!co_await WaitReadable()) break;
        outcome = Receive(state_->scratch.size(), received);
      }
      if (timed_out_)
        co_return Error(ErrorCode::kDeadlineExceeded, "the request body did not arrive in time").From(Origin::kClient);
      if (outcome != Received::kSome) {
        co_return Error(ErrorCode::kUnavailable, "the client left before its request was complete")
            .From(Origin::kClient);
      }
      total += received.size();
      turn += received.size();
      bytes = Gather(received);
    }
  };
  Result<void> result = co_await read();
  reading_body_ = false;
  ClearDeadline();
  body_failed_ = !result.ok() && !parser_->body_done();
  if (phase_ == Phase::kHandling && !closed()) {
    if (eof_ && exchange_ != nullptr) exchange_->ClientGone();
    Watch();
  }
  co_return result;
}

Awaitable<bool> Connection::SkipBody() {
  SetDeadline(state_->limits.body_timeout);
  std::string_view bytes = in_;
  while (true) {
    const auto used = parser_->SkipBody(bytes);
    if (!used.ok()) co_return false;
    Keep(bytes.substr(*used));
    if (parser_->body_done()) co_return true;
    std::string_view received;
    Received outcome = Receive(state_->scratch.size(), received);
    while (outcome == Received::kNothing && co_await WaitReadable())
      outcome = Receive(state_->scratch.size(), received);
    if (outcome != Received::kSome) co_return false;
    bytes = Gather(received);
  }
}

bool Connection::MayKeepAlive() const {
  if (!parser_->keep_alive() || state_->draining || body_failed_ || eof_) return false;
  if (parser_->body_done()) return true;
  // A client waiting for `100 Continue` may send its body after all or not: only it knows.
  if (parser_->expects_continue()) return false;
  const auto remaining = parser_->remaining();
  return remaining && *remaining <= kMaxSkippedBytes;
}

Awaitable<void> Connection::Answer(int status, std::string_view message, int version) {
  phase_ = Phase::kClosing;
  const ErrorBody error = state_->MakeErrorBody(status, message);
  std::string head;
  AppendResponseHead(head,
                     {.status = status,
                      .request_version = version,
                      .keep_alive = false,
                      .length = error.body.size(),
                      .date = state_->Date()},
                     {{"Content-Type", error.content_type}});
  OutBuffers out;
  out.Add(head);
  out.Add(error.body);
  Sent sent = TrySend(out);
  if (sent == Sent::kBlocked && co_await SendRest(out)) sent = Sent::kAll;
  if (sent == Sent::kAll) co_await LingeringClose();
}

Awaitable<void> Connection::LingeringClose() {
  phase_ = Phase::kClosing;
  in_ = std::string();
  EndSending();
  SetDeadline(kLingerTime);
  const SteadyTime until = read_deadline_;
  std::size_t total = 0;
  while (total < kMaxLingerBytes && Now() < until) {
    std::string_view received;
    const Received outcome = Receive(state_->scratch.size(), received);
    if (outcome == Received::kEnd) break;
    if (outcome == Received::kNothing && !co_await WaitReadable()) break;
    total += received.size();
  }
  Close();
}

}  // namespace patchbay::net::server
