#include "workers/frontend/responses_socket/frame_writer.h"

#include <utility>

#include "lib/async/spawn.h"

namespace patchbay::frontend {

FrameWriter::FrameWriter(asio::any_io_executor executor, std::shared_ptr<net::WebSocket> socket)
    : executor_(executor), socket_(std::move(socket)), work_(executor), room_(executor), done_(executor) {}

void FrameWriter::Start() {
  async::Spawn(executor_, "frame writer", Pump(shared_from_this()));  // awaited by Finish
}

void FrameWriter::Push(std::string frame) {
  if (gone_ || finishing_ || frame.empty()) return;
  pending_bytes_ += frame.size();
  bytes_ += frame.size();
  pending_.push_back(std::move(frame));
  work_.Notify();
}

Awaitable<bool> FrameWriter::Room() {
  const auto self = shared_from_this();
  while (pending_bytes_ > kMaxPendingBytes && !gone_) {
    room_awaited_ = true;
    co_await room_.Wait();
  }
  co_return !gone_;
}

Awaitable<void> FrameWriter::Finish() {
  const auto self = shared_from_this();
  finishing_ = true;
  work_.Notify();
  co_await done_.Wait();
}

void FrameWriter::Stop() {
  gone_ = true;
  work_.Notify();
  if (std::exchange(room_awaited_, false)) room_.Notify();
}

Awaitable<void> FrameWriter::Pump([[maybe_unused]] std::shared_ptr<FrameWriter> self) {
  while (!gone_ && !(finishing_ && pending_.empty())) {
    if (pending_.empty()) {
      co_await work_.Wait();
      continue;
    }
    std::string frame = std::move(pending_.front());
    pending_.pop_front();
    pending_bytes_ -= frame.size();
    const bool written = co_await socket_->Write(std::move(frame));
    if (!written) gone_ = true;
    if (std::exchange(room_awaited_, false)) room_.Notify();
  }
  done_.Notify();
}

}  // namespace patchbay::frontend
