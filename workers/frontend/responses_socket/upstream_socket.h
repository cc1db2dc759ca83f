// One provider's socket as this process has it: an RPC to the upstream worker for as long as it lives.
//
// A coroutine receives what the provider says and keeps it, within a bound, until the turn that runs asks for it.
// Frames between two turns are for whoever looks in with TakeIdleFrame.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "lib/async/event.h"
#include "lib/rpc/stream.h"
#include "patchbay/upstream/v1/upstream.pb.h"

namespace patchbay::frontend {

using SocketStream = rpc::Stream<upstream::v1::SocketRequest, upstream::v1::SocketReply>;

// Who opens such RPCs: the upstream worker in production, a script in tests.
class SocketCaller {
 public:
  virtual ~SocketCaller() = default;
  // Never fails: what could not start shows it at its first Send or Receive.
  virtual Awaitable<std::unique_ptr<SocketStream>> OpenSocket() = 0;
};

class UpstreamSocket : public std::enable_shared_from_this<UpstreamSocket> {
 public:
  // Frames waiting for the client; one message may be larger.
  static constexpr std::size_t kMaxInboxBytes = 256 * 1024;
  static constexpr std::size_t kChunkBytes = 256 * 1024;

  struct Closed {
    int code = 0;
    std::string reason;
  };
  using Frame = std::string;
  // What a turn is told; monostate: the socket is over.
  using Item = std::variant<std::monostate, Frame, upstream::v1::End>;

  // `on_change` is called when there is something for nobody in particular: an idle frame, or the end.
  UpstreamSocket(asio::any_io_executor executor, std::unique_ptr<SocketStream> stream, std::function<void()> on_change);

  // Returns when the provider has answered. False: failure() says why.
  Awaitable<bool> Open(upstream::v1::SocketOpen open);
  const upstream::v1::SocketOpened& opened() const { return opened_; }
  const std::string& account() const { return account_; }

  // Whether a turn can be sent.
  bool alive() const { return !closed_; }
  const std::optional<Closed>& closed() const { return closed_; }

  // The turn's frame. False: the socket is over.
  Awaitable<bool> SendTurn(upstream::v1::Turn turn, std::string frame);
  // The next thing that the running turn is told; its End is the last.
  Awaitable<Item> Next();
  std::optional<Frame> TakeIdleFrame();
  // Closes the provider's socket at once. Nothing is told about it any more.
  void Cancel();

 private:
  Awaitable<void> Receive(std::shared_ptr<UpstreamSocket> self);
  void Over(Closed closed);

  asio::any_io_executor executor_;
  std::unique_ptr<SocketStream> stream_;
  std::function<void()> on_change_;
  std::string account_;
  upstream::v1::SocketOpened opened_;
  std::deque<Item> inbox_;
  std::size_t inbox_bytes_ = 0;
  async::Event changed_, room_;
  std::optional<Closed> closed_;
  bool in_turn_ = false;
  bool room_awaited_ = false;
};

}  // namespace patchbay::frontend
