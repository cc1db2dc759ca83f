// What goes out on a client's WebSocket, in order, by a coroutine of its own: whoever has something to say does not
// wait for the client to read it, until there is more of it than a bound.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "lib/async/event.h"
#include "lib/net/web_socket.h"

namespace patchbay::frontend {

class FrameWriter : public std::enable_shared_from_this<FrameWriter> {
 public:
  static constexpr std::size_t kMaxPendingBytes = 64 * 1024;

  FrameWriter(asio::any_io_executor executor, std::shared_ptr<net::WebSocket> socket);

  // Begins writing; call once.
  void Start();
  void Push(std::string frame);
  // Waits while more than the bound is pending. False: the client is gone. One caller at a time.
  Awaitable<bool> Room();
  // Nothing is taken from here on; returns when everything has gone out, or the client has.
  Awaitable<void> Finish();
  // The client has gone: nothing more is written.
  void Stop();

  bool gone() const { return gone_; }
  std::size_t bytes() const { return bytes_; }  // pushed so far

 private:
  Awaitable<void> Pump(std::shared_ptr<FrameWriter> self);

  asio::any_io_executor executor_;
  std::shared_ptr<net::WebSocket> socket_;
  std::deque<std::string> pending_;
  std::size_t pending_bytes_ = 0;
  std::size_t bytes_ = 0;
  async::Event work_, room_, done_;
  bool room_awaited_ = false;
  bool finishing_ = false;
  bool gone_ = false;
};

}  // namespace patchbay::frontend
