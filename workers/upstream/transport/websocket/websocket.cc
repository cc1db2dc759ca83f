#include "workers/upstream/transport/websocket/websocket.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <utility>

#include "lib/base/text.h"
#include "workers/upstream/transport/websocket/beast_stream.h"
#include "workers/upstream/transport/websocket/inflate_room.h"

namespace patchbay::upstream {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
namespace inf = inference::v1;

constexpr auto kAwaitBeast = asio::as_tuple(asio::use_awaitable);
// Messages are masked in pieces of this size; it stays with the socket.
constexpr std::size_t kWriteBufferBytes = std::size_t{16} << 10;
// Shorter messages are not worth compressing.
constexpr std::size_t kCompressFromBytes = 1024;
// A refusal's body is kept this far.
constexpr std::size_t kMaxRefusalBytes = std::size_t{64} << 10;
constexpr std::chrono::seconds kCloseTimeout{2};
// The offer of the provider's own client, letter for letter.
constexpr const char* kExtensions = "permessage-deflate; client_max_window_bits";
constexpr int kNoStatus = 1005;  // RFC 6455 §7.4.1

std::string Text(beast::string_view view) { return {view.data(), view.size()}; }

// The handshake's own fields first, in the order of the provider's own client, then ours, then the extensions.
void Arrange(websocket::request_type& request, const Headers& headers) {
  const std::string host = Text(request[beast::http::field::host]);
  const std::string key = Text(request[beast::http::field::sec_websocket_key]);
  request.clear();
  request.insert("Host", host);
  request.insert("Connection", "Upgrade");
  request.insert("Upgrade", "websocket");
  request.insert("Sec-WebSocket-Version", "13");
  request.insert("Sec-WebSocket-Key", key);
  for (const Header& header : headers) {
    if (IsHeaderName(header.name) && IsSafeHeaderValue(header.value)) request.insert(header.name, header.value);
  }
  request.insert("sec-websocket-extensions", kExtensions);
}

}  // namespace

struct WebSocket::Impl {
  Impl(asio::any_io_executor executor, std::shared_ptr<Stream> stream)
      : transport(stream), ws(std::move(executor), std::move(stream)) {}

  // One message, appended to `text`.
  Awaitable<beast::error_code> Read(std::string& text) {
    if (!room) {
      auto buffer = asio::dynamic_buffer(text);
      const auto [error, bytes] = co_await ws.async_read(buffer, kAwaitBeast);
      co_return error;
    }
    beast::error_code failed;
    do {
      const asio::mutable_buffer piece(room->data(), InflateRoom::kBytes);
      const auto [error, bytes] = co_await ws.async_read_some(piece, kAwaitBeast);
      failed = error;
      text.append(room->data(), bytes);
      room->GiveBack(bytes);
    } while (!failed && !ws.is_message_done());
    co_return failed;
  }

  std::shared_ptr<Stream> transport;
  websocket::stream<BeastStream> ws;
  std::unique_ptr<InflateRoom> room;  // once messages may be compressed
};

WebSocket::WebSocket(std::shared_ptr<ConnectionPool> pool)
    : pool_(std::move(pool)), connector_(pool_), watchdog_(pool_->executor(), [this] {
        timed_out_ = true;
        if (impl_) impl_->transport->Close();
      }) {}
WebSocket::~WebSocket() = default;

void WebSocket::Cancel() {
  cancelled_ = true;
  connector_.Cancel();
  if (impl_) impl_->transport->Close();
}

void WebSocket::Fail(inf::FailureStage stage, std::string message) {
  watchdog_.Clear();
  if (failure_.stage != inf::FAILURE_STAGE_UNSPECIFIED) return;
  failure_.stage = stage;
  failure_.timed_out = timed_out_;
  failure_.cancelled = cancelled_;
  failure_.message = cancelled_ ? "cancelled" : timed_out_ ? "no progress in time" : std::move(message);
}

Awaitable<bool> WebSocket::Open(WebSocketRequest request) {
  const ConnectionKey key(request.to.authority, request.to.road, ConnectionKey::Use::kWebSocket);
  const SteadyTime begin = std::chrono::steady_clock::now();
  const SteadyTime connected_by = std::min(begin + request.connect_timeout, request.deadline);
  std::shared_ptr<Stream> stream = co_await connector_.Connect(request.to, key, connected_by);
  if (!stream) {
    failure_ = connector_.failure();
    co_return false;
  }
  watchdog_.Set(request.deadline);
  impl_ = std::make_unique<Impl>(pool_->executor(), std::move(stream));
  auto& ws = impl_->ws;
  websocket::permessage_deflate deflate;
  deflate.client_enable = true;
  deflate.msg_size_threshold = kCompressFromBytes;
  ws.set_option(deflate);
  ws.set_option(websocket::stream_base::decorator(
      [headers = std::move(request.headers)](websocket::request_type& head) { Arrange(head, headers); }));
  ws.write_buffer_bytes(kWriteBufferBytes);
  ws.auto_fragment(false);
  ws.read_message_max(kMaxSocketMessageBytes);
  ws.text(true);
  websocket::response_type response;
  const std::string host = request.to.authority.HostHeader();
  const SteadyTime sent_at = std::chrono::steady_clock::now();
  const auto [error] = co_await ws.async_handshake(response, host, request.path, kAwaitBeast);
  watchdog_.Clear();
  handshake_time_ = std::chrono::steady_clock::now() - sent_at;
  const int status = static_cast<int>(response.result_int());
  const bool answered = !error || error == websocket::error::upgrade_declined;
  if (answered) {
    Headers headers;
    for (const auto& field : response) headers.push_back({LowerCase(Text(field.name_string())), Text(field.value())});
    TakeResponse(status, std::move(headers), std::move(response.body()));
  }
  if (!error) {
    const bool compressed = !HeaderOr(head_.headers, "sec-websocket-extensions").empty();
    if (compressed) impl_->room = std::make_unique<InflateRoom>();
    if (!compressed || impl_->room->data() != nullptr) co_return true;
    Fail(inf::FAILURE_STAGE_CONNECT, "no memory for a compressed socket");
  }
  impl_->transport->Close();
  if (!answered) Fail(inf::FAILURE_STAGE_FIRST_BYTE, "websocket handshake: " + error.message());
  co_return false;
}

void WebSocket::TakeResponse(int status, Headers headers, std::string body) {
  head_.status = status;
  head_.headers = std::move(headers);
  if (status == 101) return;
  if (body.size() > kMaxRefusalBytes) body.resize(kMaxRefusalBytes);
  refusal_ = std::move(body);
}

Awaitable<ReadStatus> WebSocket::Read(std::string& text) {
  text.clear();
  const beast::error_code error = co_await impl_->Read(text);
  if (!error && impl_->ws.got_text()) co_return ReadStatus::kData;
  impl_->transport->Close();
  if (error == websocket::error::closed) {
    const websocket::close_reason& reason = impl_->ws.reason();
    close_code_ = reason.code == websocket::close_code::none ? kNoStatus : static_cast<int>(reason.code);
    close_reason_.assign(reason.reason.data(), reason.reason.size());
    co_return ReadStatus::kEnd;
  }
  Fail(inf::FAILURE_STAGE_STREAM, error ? "websocket: " + error.message() : "websocket: a binary message");
  co_return ReadStatus::kFailed;
}

Awaitable<bool> WebSocket::Write(std::string text) {
  const auto [error, bytes] = co_await impl_->ws.async_write(asio::buffer(text), kAwaitBeast);
  co_return !error;
}

Awaitable<void> WebSocket::Close(int code) {
  watchdog_.Set(std::chrono::steady_clock::now() + kCloseTimeout);
  const websocket::close_reason reason(static_cast<std::uint16_t>(code));
  co_await impl_->ws.async_close(reason, kAwaitBeast);
  watchdog_.Clear();
  impl_->transport->Close();
}

}  // namespace patchbay::upstream
