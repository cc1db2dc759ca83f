// One client connection of the simulated provider: reads requests, asks the handler for a plan and plays it. Included
// by server.cc only; a template because TLS and plain sockets differ in type and in a few words.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "lib/base/text.h"
#include "tests/sim/refusals.h"
#include "tests/sim/server.h"
#include "tests/sim/socket_connection.h"

namespace patchbay::sim {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using SteadyTime = std::chrono::steady_clock::time_point;

inline constexpr std::uint32_t kHeaderBytesMax = 256 * 1024;
inline constexpr std::size_t kReadAheadMax = 64 * 1024;
inline constexpr std::size_t kReadSize = 16 * 1024;
inline constexpr std::chrono::seconds kHandshakeMax{10};
inline constexpr std::chrono::minutes kAnswerMax{60};  // also of a stall

// "HTTP/1.1 200 OK\r\n…": everything up to the body. `length` is absent for a chunked or unbounded body.
void AppendHead(std::string& out, const Reply& reply, bool chunked, std::optional<std::size_t> length, bool keep_alive);
void AppendChunk(std::string& out, std::string_view bytes);
void AppendChunkSize(std::string& out, std::size_t size);

// What the sweep needs of a connection.
class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  virtual void Close() = 0;
  SteadyTime deadline() const { return deadline_; }

 protected:
  void Within(std::chrono::milliseconds time) { deadline_ = std::chrono::steady_clock::now() + time; }
  SteadyTime deadline_ = SteadyTime::max();
};

template <class Stream>
class Connection final : public ConnectionBase, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  Connection(Stream stream, Handler& handler, Shared& shared)
      : stream_(std::move(stream)), handler_(handler), shared_(shared), timer_(stream_.get_executor()) {}

  asio::awaitable<void> Run() {
    ++shared_.stats.connections;
    if constexpr (kTls) {
      Within(kHandshakeMax);
      const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kToken);
      if (error) co_return;
      ++shared_.stats.tls_handshakes;
      if (SSL_session_reused(stream_.native_handle()) == 1) ++shared_.stats.tls_resumptions;
    }
    for (bool good = true; good;) good = co_await ServeOne();
    if constexpr (kTls) {
      if (socket().is_open() && !abrupt_ && !gone_) {
        Within(kHandshakeMax);
        co_await stream_.async_shutdown(kToken);
      }
    }
    Close();
  }

  void Close() override {
    boost::system::error_code ignored;
    socket().close(ignored);
    timer_.cancel();
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  Tcp::socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  // One request and its answer; false when the connection has had its day.
  asio::awaitable<bool> ServeOne() {
    Within(shared_.options.idle_timeout);
    co_await WatchEnds();
    if (gone_) co_return false;
    Parser parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(shared_.options.body_bytes_max);
    auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser, kToken);
    if (!error && EqualsIgnoreCase(std::string_view(parser.get()[http::field::expect]), "100-continue")) {
      co_await Write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (!error) std::tie(error, size) = co_await http::async_read(stream_, buffer_, parser, kToken);
    if (error) {
      co_await RefuseUnreadable(error);
      co_return false;
    }
    Within(kAnswerMax);
    co_return co_await Answer(parser);
  }

  asio::awaitable<void> RefuseUnreadable(boost::system::error_code error) {
    Reply reply;
    if (error == http::error::body_limit) {
      reply = DetailReply(413, "Payload Too Large");
    } else if (error == http::error::header_limit) {
      reply = DetailReply(431, "Request Header Fields Too Large");
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      reply = DetailReply(400, "Bad Request");
    } else {
      gone_ = true;
      co_return;
    }
    std::string out;
    AppendHead(out, reply, false, reply.body.size(), false);
    out += reply.body;
    co_await Write(std::move(out));
    // A client that is still sending gets a reset instead of the answer if we close at once.
    boost::system::error_code ignored;
    if constexpr (!kTls) socket().shutdown(Tcp::socket::shutdown_send, ignored);
    Within(std::chrono::seconds(2));
    for (std::string sink(kReadSize, '\0'); !gone_;) {
      const auto [read_error, n] = co_await stream_.async_read_some(asio::buffer(sink), kToken);
      if (read_error) gone_ = true;
    }
  }

  asio::awaitable<bool> Answer(Parser& parser) {
    const auto& message = parser.get();
    Request request;
    request.method = std::string_view(message.method_string());
    request.target = std::string_view(message.target());
    request.headers.reserve(24);
    for (const auto& field : message)
      request.headers.emplace_back(std::string_view(field.name_string()), std::string_view(field.value()));
    request.body = std::move(parser.get().body());
    const bool http11 = message.version() >= 11;
    const bool keep_alive = message.keep_alive();
    Plan plan = handler_.Handle(request, kTls);
    ++shared_.stats.open_requests;
    sent_ = 0;
    if (plan.socket) {
      co_await ServeSocket(message, plan);
      --shared_.stats.open_requests;
      co_return false;
    }
    const bool good = co_await Perform(plan, http11, keep_alive);
    --shared_.stats.open_requests;
    PacedScript::Recycle(std::move(plan.script));
    if (plan.entry) {
      plan.entry->Finish(sent_, gone_);
      if (gone_) ++shared_.stats.aborted_requests;
    }
    co_return good&& keep_alive && !plan.close && (http11 || !plan.streams);
  }

  // The rest of the connection's life is a WebSocket's.
  asio::awaitable<void> ServeSocket(const http::request<http::string_body>& request, Plan& plan) {
    auto socket = std::make_shared<SocketConnection<Stream>>(stream_, handler_, shared_, plan.socket);
    Within(kSocketMax);
    co_await socket->Run(request, plan.reply.header_lines);
    if (plan.entry) plan.entry->finished = true;
    gone_ = true;
  }

  asio::awaitable<bool> Perform(Plan& plan, bool http11, bool keep_alive) {
    due_ = std::chrono::steady_clock::now() + plan.head_delay;
    if (plan.head_delay.count() > 0) {
      const bool slept = co_await SleepUntilDue();
      if (!slept) co_return false;
    }
    if (plan.mishap == Mishap::kStall) co_await Stall();
    if (plan.mishap != Mishap::kNone) {
      Break(plan.mishap == Mishap::kReset);
      co_return false;
    }
    std::string out;
    if (plan.streams) {
      AppendHead(out, plan.reply, http11, std::nullopt, keep_alive && http11);
      co_return co_await Play(plan, std::move(out), http11);
    }
    AppendHead(out, plan.reply, false, plan.reply.body.size(), keep_alive);
    out += plan.reply.body;
    co_return co_await Write(std::move(out));
  }

  // The script, with `out` (the head) in the same write as its first bytes. False when the connection is over.
  asio::awaitable<bool> Play(Plan& plan, std::string out, bool chunked) {
    Script& script = plan.script;
    if (!script.marks.empty() || script.split_bytes > 0 || script.bytes.size() > kReadAheadMax) Watch();
    due_ = std::chrono::steady_clock::now();
    std::size_t at = 0;
    for (const Mark& mark : script.marks) {
      if (mark.act == Act::kPause) {
        // Late already: this piece goes out with the next one.
        const SteadyTime now = std::chrono::steady_clock::now();
        due_ = std::max(due_ + mark.pause, now - kLagMax);
        if (due_ <= now) continue;
      }
      if (!co_await Send(plan, out, at, mark.offset, chunked)) co_return false;
      at = mark.offset;
      switch (mark.act) {
        case Act::kPause:
          if (!co_await SleepUntilDue()) co_return false;
          break;
        case Act::kHold:
          if (!co_await Hold(mark.key)) co_return false;
          due_ = std::chrono::steady_clock::now();
          break;
        case Act::kStall: co_await Stall(); co_return false;
        case Act::kCut:
        case Act::kReset: Break(mark.act == Act::kReset); co_return false;
      }
    }
    if (script.split_bytes > 0) {
      if (!co_await Send(plan, out, at, script.bytes.size(), chunked)) co_return false;
    } else {
      PatchStamps(script, at, script.bytes.size());
      sent_ += script.bytes.size() - at;
      co_return co_await WriteLast(std::move(out), std::string_view(script.bytes).substr(at), chunked);
    }
    co_return co_await Write(chunked ? "0\r\n\r\n" : "");
  }

  static void Append(std::string& out, std::string_view bytes, bool chunked) {
    if (bytes.empty()) return;
    chunked ? AppendChunk(out, bytes) : void(out += bytes);
  }

  // bytes[from, to) of the script, in the pieces that it asks for.
  asio::awaitable<bool> Send(Plan& plan, std::string& out, std::size_t from, std::size_t to, bool chunked) {
    PatchStamps(plan.script, from, to);
    const std::size_t piece =
        plan.script.split_bytes > 0 ? plan.script.split_bytes : std::max<std::size_t>(to - from, 1);
    while (from < to || !out.empty()) {
      const std::size_t end = std::min(to, from + piece);
      Append(out, std::string_view(plan.script.bytes).substr(from, end - from), chunked);
      if (!co_await Write(std::exchange(out, {}))) co_return false;
      sent_ += end - from;
      if (plan.entry) plan.entry->bytes_sent = sent_;
      from = end;
      if (plan.script.split_pause.count() > 0 && from < to) {
        due_ = std::chrono::steady_clock::now() + plan.script.split_pause;
        if (!co_await SleepUntilDue()) co_return false;
      }
    }
    co_return true;
  }

  // The head or nothing, the last piece and the end of the body in one write. A plain socket gathers them where they
  // are; TLS would make a record of each, so there they are put together first.
  asio::awaitable<bool> WriteLast(std::string out, std::string_view bytes, bool chunked) {
    std::string_view tail;
    if (chunked && !bytes.empty()) {
      AppendChunkSize(out, bytes.size());
      tail = "\r\n0\r\n\r\n";
    } else if (chunked) {
      tail = "0\r\n\r\n";
    }
    if constexpr (kTls) {
      out.append(bytes).append(tail);
      co_return co_await Write(std::move(out));
    } else {
      const std::array<asio::const_buffer, 3> parts{asio::buffer(out), asio::buffer(bytes), asio::buffer(tail)};
      const auto [error, size] = co_await asio::async_write(stream_, parts, kToken);
      if (error) gone_ = true;
      co_return !error;
    }
  }

  asio::awaitable<bool> Write(std::string bytes) {
    if (gone_) co_return false;
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), kToken);
    if (error) gone_ = true;
    co_return !error;
  }

  // Reads ahead while an answer is under way, so that a client that leaves is noticed at once. What it sends meanwhile
  // is kept for the next request.
  void Watch() {
    if (watching_ || gone_ || buffer_.size() >= kReadAheadMax) return;
    watching_ = true;
    stream_.async_read_some(buffer_.prepare(kReadSize),
                            [self = this->shared_from_this()](boost::system::error_code error, std::size_t size) {
                              self->watching_ = false;
                              if (error) {
                                self->gone_ = self->gone_ || error != asio::error::operation_aborted;
                              } else {
                                self->buffer_.commit(size);
                                if (self->answering_) self->Watch();
                              }
                              self->timer_.cancel();
                            });
  }

  // Before the next request is read the read-ahead must be over: it ends with that request's first bytes, or now when
  // those were here already.
  asio::awaitable<void> WatchEnds() {
    answering_ = false;
    boost::system::error_code ignored;
    if (watching_ && buffer_.size() > 0) socket().cancel(ignored);
    while (watching_) {
      timer_.expires_at(SteadyTime::max());
      co_await timer_.async_wait(kToken);
    }
    answering_ = true;
  }

  asio::awaitable<bool> SleepUntilDue() {
    Watch();
    while (!gone_ && std::chrono::steady_clock::now() < due_) {
      timer_.expires_at(due_);
      co_await timer_.async_wait(kToken);
    }
    co_return !gone_;
  }

  asio::awaitable<void> Stall() {
    due_ = deadline_;
    co_await SleepUntilDue();
  }

  asio::awaitable<bool> Hold(std::string key) {
    Watch();
    const unsigned long resets = shared_.holds.resets();
    const auto ticket = shared_.holds.Wait(key, [this] { timer_.cancel(); });
    while (!gone_ && !shared_.holds.IsReleased(key) && shared_.holds.resets() == resets) {
      timer_.expires_at(deadline_);
      co_await timer_.async_wait(kToken);
    }
    shared_.holds.Leave(ticket);
    co_return !gone_;
  }

  // Closes without ending the body and, over TLS, without close_notify.
  void Break(bool reset) {
    abrupt_ = true;
    boost::system::error_code ignored;
    if (reset) socket().set_option(asio::socket_base::linger(true, 0), ignored);
    Close();
  }

  Stream stream_;
  Handler& handler_;
  Shared& shared_;
  asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  SteadyTime due_{};
  std::uint64_t sent_ = 0;  // of the present answer's script
  bool watching_ = false;
  bool answering_ = true;
  bool gone_ = false;    // the client has left
  bool abrupt_ = false;  // we have left without a word
};

}  // namespace patchbay::sim
