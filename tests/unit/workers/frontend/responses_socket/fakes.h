// The two ends of a client's socket: the upstream worker, by script, and the client.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/event.h"
#include "lib/net/web_socket.h"
#include "tests/unit/workers/frontend/engine/fakes.h"
#include "workers/frontend/responses_socket/upstream_socket.h"

namespace patchbay::frontend {

inline constexpr const char* kOpened = "opened { head { status: 101 } }";
inline constexpr const char* kText = R"(frames { frames: '{"text":"Hello"}' })";
inline constexpr const char* kEnd = R"(turn_end { usage { output_tokens: 2 } })";
inline constexpr const char* kBusyEnd =
    R"(turn_end { failure { stage: FAILURE_STAGE_STATUS http_status: 429 cause: CAUSE_RATE_LIMITED code: "rate_limit_exceeded" } })";

// What one socket was sent, kept after it is gone.
struct SocketRecord {
  std::vector<upstream::v1::SocketRequest> sent;
  bool cancelled = false;
};

// Says `opened` when asked to open, and the next turn's replies when a turn has come whole.
class FakeSocketCaller final : public SocketCaller {
 public:
  explicit FakeSocketCaller(asio::io_context& io) : io_(io) {}

  void WillOpen(std::string opened, std::vector<std::vector<std::string>> turns) {
    scripts_.push_back({std::move(opened), {turns.begin(), turns.end()}});
  }
  Awaitable<std::unique_ptr<SocketStream>> OpenSocket() override {
    EXPECT_FALSE(scripts_.empty()) << "a socket nobody expected";
    sockets.push_back(std::make_shared<SocketRecord>());
    auto stream = std::make_unique<Stream>(io_, std::move(scripts_.front()), sockets.back());
    scripts_.pop_front();
    co_return stream;
  }

  std::vector<std::shared_ptr<SocketRecord>> sockets;

 private:
  struct Script {
    std::string opened;
    std::deque<std::vector<std::string>> turns;
  };
  struct State {
    State(asio::io_context& io, Script s, std::shared_ptr<SocketRecord> r)
        : script(std::move(s)), record(std::move(r)), changed(io.get_executor()) {}
    Script script;
    std::shared_ptr<SocketRecord> record;
    async::Event changed;
    std::deque<std::string> ready;
    std::size_t missing = 0;
  };
  class Stream final : public SocketStream {
   public:
    Stream(asio::io_context& io, Script script, std::shared_ptr<SocketRecord> record)
        : state_(std::make_shared<State>(io, std::move(script), std::move(record))) {}
    Awaitable<bool> Send(const upstream::v1::SocketRequest& message) override {
      State& state = *state_;
      if (state.record->cancelled) co_return false;
      state.record->sent.push_back(message);
      if (message.has_open()) state.ready.push_back(state.script.opened);
      if (message.has_turn()) state.missing = message.turn().total_bytes();
      if (message.has_chunk()) state.missing -= message.chunk().size();
      if (!message.has_open() && state.missing == 0) {
        for (std::string& reply : state.script.turns.front()) state.ready.push_back(std::move(reply));
        state.script.turns.pop_front();
      }
      state.changed.Notify();
      co_return true;
    }
    Awaitable<bool> CloseSend() override { co_return true; }
    Awaitable<bool> Receive(upstream::v1::SocketReply& message) override {
      const auto state = state_;
      while (state->ready.empty() && !state->record->cancelled) co_await state->changed.Wait();
      if (state->record->cancelled) co_return false;
      if (state->ready.front() == "gone") co_return false;
      message = FromText<upstream::v1::SocketReply>(state->ready.front());
      state->ready.pop_front();
      co_return true;
    }
    Awaitable<Result<void>> Finish() override { co_return Result<void>(); }
    void Cancel() override {
      state_->record->cancelled = true;
      state_->changed.Notify();
    }

   private:
    std::shared_ptr<State> state_;
  };

  asio::io_context& io_;
  std::deque<Script> scripts_;
};

// A client that sends what it was told to, and keeps what it gets.
class FakeWebSocket final : public net::WebSocket {
 public:
  explicit FakeWebSocket(asio::io_context& io) : changed_(io.get_executor()), room_(io.get_executor()) {}

  void Says(std::string frame) {
    frames_.push_back(std::move(frame));
    changed_.Notify();
  }
  void Leaves() {
    left_ = true;
    changed_.Notify();
    room_.Notify();
  }
  void ReadsAgain() {
    stalled = false;
    room_.Notify();
  }

  Awaitable<net::WebSocketMessage> Read() override {
    while (frames_.empty() && !left_ && !aborted) co_await changed_.Wait();
    net::WebSocketMessage message;
    if (frames_.empty()) co_return message;
    message.closed = false;
    message.text = std::move(frames_.front());
    frames_.pop_front();
    co_return message;
  }
  Awaitable<bool> Write(std::string text) override {
    while (stalled && !left_) co_await room_.Wait();
    if (left_) co_return false;
    written.push_back(std::move(text));
    if (on_write) on_write(written.back());
    co_return true;
  }
  Awaitable<void> Close(int code, std::string reason) override {
    close_code = code;
    close_reason = std::move(reason);
    co_return;
  }
  void Abort() override {
    aborted = true;
    changed_.Notify();
    room_.Notify();
  }

  std::vector<std::string> written;
  std::function<void(const std::string&)> on_write;
  int close_code = 0;
  std::string close_reason;
  bool stalled = false, aborted = false;

 private:
  async::Event changed_, room_;
  std::deque<std::string> frames_;
  bool left_ = false;
};

}  // namespace patchbay::frontend
