#include "lib/net/server/exchange.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <utility>

#include "lib/net/server/body_decoder.h"
#include "lib/net/server/web_socket.h"

namespace patchbay::net::server {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kLineEndAndLastChunk = "\r\n0\r\n\r\n";
// What simdjson wants behind its input; see wire/json.h, which this library does not otherwise need.
constexpr std::size_t kSparePadding = 64;

Error ClientLeft() {
  return Error(ErrorCode::kUnavailable, "the client left before its request was complete").From(Origin::kClient);
}

}  // namespace

Awaitable<Result<std::string>> Exchange::ReadBody() {
  const auto self = shared_from_this();
  const auto connection = connection_;
  if (!connection || connection->closed()) co_return ClientLeft();
  PATCHBAY_CHECK(!body_asked_);
  body_asked_ = true;
  RequestParser& parser = connection->parser();
  const std::size_t max_bytes = connection->state().limits.body_bytes;
  const auto length = parser.content_length();
  if (length && *length > max_bytes) co_return BodyTooLarge(max_bytes);
  const auto encodings = request_.FindAll("content-encoding");
  const std::string_view encoding = encodings.empty() ? std::string_view() : encodings.front();
  // Several encodings, in one header or in many, are not worth a stack of decoders: no client uses them.
  CO_ASSIGN_OR_RETURN(auto decoder, BodyDecoder::Create(encodings.size() > 1 ? "multiple" : encoding, max_bytes));
  if (length && encoding.empty()) decoder->Reserve(*length + kSparePadding);
  if (parser.expects_continue() && !parser.body_done() && !connection->has_unread_bytes()) {
    OutBuffers out;
    out.Add(kContinue);
    Connection::Sent sent = connection->TrySend(out);
    if (sent == Connection::Sent::kBlocked && co_await connection->SendRest(out)) sent = Connection::Sent::kAll;
    if (sent != Connection::Sent::kAll) co_return ClientLeft();
  }
  if (!parser.body_done()) CO_RETURN_IF_ERROR(co_await connection->ReadBody(*decoder));
  co_return std::move(*decoder).Take();
}

Awaitable<bool> Exchange::Respond(int status, HttpHeaders headers, std::string body) {
  PATCHBAY_CHECK(!connection_ || phase_ == Phase::kFresh || (phase_ == Phase::kStreaming && !head_sent_));
  PrepareHead(status, headers, false, body.size());
  phase_ = Phase::kFinishing;
  return Send(shared_from_this(), std::move(body), Part::kWhole);
}

Awaitable<bool> Exchange::StartStream(int status, HttpHeaders headers) {
  PATCHBAY_CHECK(!connection_ || phase_ == Phase::kFresh);
  PrepareHead(status, headers, true, 0);
  phase_ = Phase::kStreaming;
  co_return connection_ && !connection_->closed();
}

Awaitable<bool> Exchange::Write(std::string bytes) {
  PATCHBAY_CHECK(!connection_ || phase_ == Phase::kStreaming);
  return Send(shared_from_this(), std::move(bytes), Part::kChunk);
}

Awaitable<bool> Exchange::FinishStream(std::string last) {
  PATCHBAY_CHECK(!connection_ || phase_ == Phase::kStreaming);
  phase_ = Phase::kFinishing;
  return Send(shared_from_this(), std::move(last), Part::kLast);
}

void Exchange::PrepareHead(int status, const HttpHeaders& headers, bool stream, std::size_t length) {
  if (!connection_) return;
  const bool bodiless = HasNoBody(status);
  framing_ = bodiless                 ? Framing::kNone
             : !stream                ? Framing::kLength
             : request_.version >= 11 ? Framing::kChunked
                                      : Framing::kClose;
  send_body_ = !bodiless && request_.method != "HEAD";
  const bool keep_alive = connection_->MayKeepAlive() && framing_ != Framing::kClose && !WantsClose(headers);
  connection_->CloseAfterResponse(!keep_alive);
  head_.clear();
  AppendResponseHead(head_,
                     {.status = status,
                      .request_version = request_.version,
                      .keep_alive = keep_alive,
                      .framing = framing_,
                      .length = length,
                      .date = connection_->state().Date()},
                     headers);
}

Awaitable<bool> Exchange::Send(std::shared_ptr<Exchange> self, std::string bytes, Part part) {
  const auto connection = connection_;
  if (!connection || connection->closed()) co_return false;
  PATCHBAY_CHECK(!writing_);
  OutBuffers out;
  if (!head_sent_) out.Add(head_);
  const bool chunked = send_body_ && framing_ == Framing::kChunked;
  char size_line[20];
  if (chunked && !bytes.empty()) {
    char* end = std::to_chars(size_line, size_line + sizeof size_line - kLineEnd.size(), bytes.size(), 16).ptr;
    end = std::copy(kLineEnd.begin(), kLineEnd.end(), end);
    out.Add({size_line, static_cast<std::size_t>(end - size_line)});
  }
  if (send_body_) out.Add(bytes);
  if (chunked && !bytes.empty()) out.Add(part == Part::kLast ? kLineEndAndLastChunk : kLineEnd);
  if (chunked && bytes.empty() && part == Part::kLast) out.Add(kLastChunk);

  head_sent_ = true;
  writing_ = true;
  Connection::Sent sent = connection->TrySend(out);
  if (sent == Connection::Sent::kBlocked && co_await connection->SendRest(out)) sent = Connection::Sent::kAll;
  writing_ = false;
  if (sent != Connection::Sent::kAll) {
    // Not from within the handler's own call.
    if (on_disconnect_ && !gone_) {
      asio::post(connection->state().io, [self] {
        if (auto callback = std::exchange(self->on_disconnect_, nullptr)) callback();
      });
    }
    gone_ = true;
    co_return false;
  }
  if (part != Part::kChunk) {
    phase_ = Phase::kDone;
    on_disconnect_ = nullptr;
  }
  co_return true;
}

Awaitable<std::shared_ptr<WebSocket>> Exchange::Upgrade(HttpHeaders headers, WebSocketOptions options) {
  const auto self = shared_from_this();
  const auto connection = connection_;
  if (!connection || connection->closed()) co_return nullptr;
  PATCHBAY_CHECK(phase_ == Phase::kFresh);
  if (!connection->parser().body_done() || connection->has_unread_bytes()) {
    // Nothing may follow an upgrade until it is accepted (RFC 6455 §4.1), so what came is not for us to guess.
    HttpHeaders close = std::move(headers);
    close.emplace_back("connection", "close");
    co_await Respond(400, std::move(close), "nothing may follow the head of a WebSocket upgrade");
    co_return nullptr;
  }
  phase_ = Phase::kDone;
  head_sent_ = true;
  on_disconnect_ = nullptr;
  UpgradedConnection upgraded;
  upgraded.fd = connection->Release(upgraded.tls);
  std::shared_ptr<WebSocket> socket = co_await AcceptWebSocket(connection->state().io, std::move(upgraded), request_,
                                                               std::move(headers), std::move(options));
  co_return socket;
}

void Exchange::Abort() {
  if (!connection_ || phase_ == Phase::kDone) return;
  on_disconnect_ = nullptr;
  const bool cut_is_visible = head_sent_ && framing_ != Framing::kClose;
  if (cut_is_visible && !writing_) {
    connection_->Close();
  } else {
    connection_->Reset();
  }
}

void Exchange::OnDisconnect(std::function<void()> callback) {
  if (!connection_ || phase_ == Phase::kDone || !callback) return;
  if (gone_) return callback();
  on_disconnect_ = std::move(callback);
}

void Exchange::ClientGone() {
  if (gone_) return;
  gone_ = true;
  // While the end of a response is being written, a client that closes its side is merely not coming back.
  if (phase_ == Phase::kFinishing || phase_ == Phase::kDone) return;
  if (const auto callback = std::exchange(on_disconnect_, nullptr)) callback();
}

void Exchange::Detach() {
  connection_.reset();
  on_disconnect_ = nullptr;
}

}  // namespace patchbay::net::server
