// One WebSocket of the simulated provider: reads frames, asks the handler for a plan and plays it (codex-wire §10).
// Included by server.cc only, like connection.h.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "lib/async/spawn.h"
#include "tests/sim/server.h"
#include "tests/sim/socket.h"

namespace patchbay::sim {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<Tcp::socket>;

inline constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
inline constexpr std::chrono::minutes kSocketMax{60};
inline constexpr std::chrono::seconds kLagMax{1};  // a paced stream that is later than this does not catch up

// Writes the time of sending over the script's stamps in [from, to).
void PatchStamps(Script& script, std::size_t from, std::size_t to);

template <class Stream>
class SocketConnection final : public std::enable_shared_from_this<SocketConnection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
  static constexpr std::size_t kRoomBytes = std::size_t{4} << 20;

  SocketConnection(Stream& stream, Handler& handler, Shared& shared, std::shared_ptr<SocketMemory> memory)
      : ws_(stream), handler_(handler), shared_(shared), memory_(std::move(memory)), timer_(stream.get_executor()) {}

  // Returns when the socket is closed and nothing of it waits any more.
  template <class Message>
  asio::awaitable<void> Run(const Message& request, std::string header_lines) {
    namespace websocket = boost::beast::websocket;
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;  // the real one accepts the offer that its client always makes
    ws_.set_option(deflate);
    ws_.set_option(websocket::stream_base::decorator(
        [lines = std::move(header_lines)](websocket::response_type& head) { AddHeaders(lines, head); }));
    ws_.read_message_max(shared_.options.body_bytes_max);
    ws_.text(true);
    const auto [error] = co_await ws_.async_accept(request, kToken);
    if (error) co_return;
    ++shared_.stats.sockets;
    ++shared_.stats.open_sockets;
    reading_ = true;
    async::Spawn(ws_.get_executor(), "socket", Read(this->shared_from_this()));
    bool good = true;
    while (good && !gone_) {
      if (inbox_.empty()) {
        timer_.expires_at(Time::max());
        co_await timer_.async_wait(kToken);
        continue;
      }
      std::string text = std::move(inbox_.front());
      inbox_.pop_front();
      good = co_await Answer(std::move(text));
    }
    Shut();
    while (reading_) {
      timer_.expires_at(Time::max());
      co_await timer_.async_wait(kToken);
    }
    --shared_.stats.open_sockets;
  }

 private:
  using Time = std::chrono::steady_clock::time_point;

  template <class Head>
  static void AddHeaders(std::string_view lines, Head& head) {
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find("\r\n"), lines.size());
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(std::min(end + 2, lines.size()));
      const std::size_t colon = line.find(": ");
      if (colon == std::string_view::npos) continue;
      const std::string_view name = line.substr(0, colon), value = line.substr(colon + 2);
      head.insert(boost::beast::string_view(name.data(), name.size()),
                  boost::beast::string_view(value.data(), value.size()));
    }
  }

  // Beside everything else, so that pings are answered and a client that leaves is noticed at once.
  asio::awaitable<void> Read([[maybe_unused]] std::shared_ptr<SocketConnection> self) {
    // Never full: Beast would lose its place in the compressed stream (upstream's transport/websocket/inflate_room.h).
    const std::unique_ptr<char[]> room(new char[kRoomBytes]);
    std::string text;
    for (;;) {
      const auto [error, size] = co_await ws_.async_read_some(asio::buffer(room.get(), kRoomBytes), kToken);
      if (error) break;
      text.append(room.get(), size);
      if (!ws_.is_message_done()) continue;
      inbox_.push_back(std::exchange(text, {}));
      timer_.cancel();
    }
    gone_ = true;
    reading_ = false;
    timer_.cancel();
  }

  asio::awaitable<bool> Answer(std::string text) {
    Plan plan = handler_.HandleFrame(*memory_, std::move(text), kTls);
    ++shared_.stats.open_requests;
    const bool good = co_await Perform(plan);
    --shared_.stats.open_requests;
    if (plan.entry) {
      plan.entry->Finish(sent_, gone_);
      if (gone_) ++shared_.stats.aborted_requests;
    }
    co_return good;
  }

  asio::awaitable<bool> Perform(Plan& plan) {
    sent_ = 0;
    due_ = std::chrono::steady_clock::now() + plan.head_delay;
    bool good = co_await SleepUntilDue();  // named: GCC 12 lays out frames without variables wrongly
    if (!good) co_return false;
    if (plan.mishap == Mishap::kStall) {
      due_ = Time::max();
      co_await SleepUntilDue();
    }
    if (plan.mishap != Mishap::kNone) {
      Break(plan.mishap == Mishap::kReset);
      co_return false;
    }
    if (!plan.streams) {
      if (!plan.frame.empty()) good = co_await Write(plan.frame);
      if (good && plan.close_code != 0) co_await CloseWith(plan.close_code);
      co_return good&& plan.close_code == 0;
    }
    good = co_await Write(plan.first_frame);
    if (good) good = co_await Play(plan);
    co_return good;
  }

  asio::awaitable<bool> Play(Plan& plan) {
    Script& script = plan.script;
    due_ = std::chrono::steady_clock::now();
    std::size_t at = 0;
    for (const Mark& mark : script.marks) {
      if (!co_await Send(script, at, mark.offset)) co_return false;
      at = mark.offset;
      switch (mark.act) {
        case Act::kPause:
          due_ = std::max(due_ + mark.pause, std::chrono::steady_clock::now() - kLagMax);
          if (!co_await SleepUntilDue()) co_return false;
          break;
        case Act::kHold:
          if (!co_await Hold(mark.key)) co_return false;
          due_ = std::chrono::steady_clock::now();
          break;
        case Act::kStall:
          due_ = Time::max();
          co_await SleepUntilDue();
          co_return false;
        case Act::kCut:
        case Act::kReset:
          if (plan.close_code != 0) {
            co_await CloseWith(plan.close_code);
          } else {
            Break(mark.act == Act::kReset);
          }
          co_return false;
      }
    }
    co_return co_await Send(script, at, script.bytes.size());
  }

  // The events in bytes[from, to) of the script, a frame each.
  asio::awaitable<bool> Send(Script& script, std::size_t from, std::size_t to) {
    PatchStamps(script, from, to);
    for (const std::string_view frame : FramesOf(std::string_view(script.bytes).substr(from, to - from))) {
      if (!co_await Write(std::string(frame))) co_return false;
      sent_ += frame.size();
    }
    co_return true;
  }

  asio::awaitable<bool> Write(std::string frame) {
    if (gone_) co_return false;
    const auto [error, size] = co_await ws_.async_write(asio::buffer(frame), kToken);
    if (error) gone_ = true;
    co_return !error;
  }

  asio::awaitable<void> CloseWith(int code) {
    const boost::beast::websocket::close_reason reason(static_cast<boost::beast::websocket::close_code>(code),
                                                       "simulated");
    co_await ws_.async_close(reason, kToken);
  }

  asio::awaitable<bool> SleepUntilDue() {
    while (!gone_ && std::chrono::steady_clock::now() < due_) {
      timer_.expires_at(due_);
      co_await timer_.async_wait(kToken);
    }
    co_return !gone_;
  }

  asio::awaitable<bool> Hold(std::string key) {
    const unsigned long resets = shared_.holds.resets();
    const auto ticket = shared_.holds.Wait(key, [this] { timer_.cancel(); });
    while (!gone_ && !shared_.holds.IsReleased(key) && shared_.holds.resets() == resets) {
      timer_.expires_at(Time::max());
      co_await timer_.async_wait(kToken);
    }
    shared_.holds.Leave(ticket);
    co_return !gone_;
  }

  Tcp::socket& socket() { return boost::beast::get_lowest_layer(ws_); }

  void Break(bool reset) {
    boost::system::error_code ignored;
    if (reset) socket().set_option(asio::socket_base::linger(true, 0), ignored);
    Shut();
  }

  void Shut() {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

  boost::beast::websocket::stream<Stream&> ws_;
  Handler& handler_;
  Shared& shared_;
  std::shared_ptr<SocketMemory> memory_;
  asio::steady_timer timer_;  // wakes the one coroutine that waits: something came, something is due, or the end
  std::deque<std::string> inbox_;
  Time due_{};
  std::uint64_t sent_ = 0;
  bool reading_ = false;
  bool gone_ = false;
};

}  // namespace patchbay::sim
