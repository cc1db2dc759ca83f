#include "workers/frontend/responses_socket/upstream_socket.h"

#include <utility>

#include "lib/async/spawn.h"
#include "workers/frontend/responses_socket/socket_life.h"

namespace patchbay::frontend {

UpstreamSocket::UpstreamSocket(asio::any_io_executor executor, std::unique_ptr<SocketStream> stream,
                               std::function<void()> on_change)
    : executor_(executor),
      stream_(std::move(stream)),
      on_change_(std::move(on_change)),
      changed_(executor),
      room_(executor) {}

Awaitable<bool> UpstreamSocket::Open(upstream::v1::SocketOpen open) {
  const auto self = shared_from_this();
  account_ = open.account();
  upstream::v1::SocketRequest request;
  *request.mutable_open() = std::move(open);
  upstream::v1::SocketReply reply;
  bool answered = co_await stream_->Send(request);
  if (answered) answered = co_await stream_->Receive(reply);
  if (answered && reply.has_opened()) {
    opened_ = std::move(*reply.mutable_opened());
  } else {
    opened_.mutable_failure()->set_stage(inference::v1::FAILURE_STAGE_GATEWAY);
  }
  if (opened_.has_failure()) {
    closed_ = Closed{close_code::kAbnormal, ""};
    stream_->Cancel();
    co_await stream_->Finish();
    co_return false;
  }
  async::Spawn(executor_, "upstream socket", Receive(shared_from_this()));  // holds this until the RPC ends
  co_return true;
}

Awaitable<void> UpstreamSocket::Receive([[maybe_unused]] std::shared_ptr<UpstreamSocket> self) {
  Closed closed{close_code::kServiceRestart, "a part of the gateway went away"};
  upstream::v1::SocketReply reply;
  bool more = co_await stream_->Receive(reply);
  while (more) {
    if (reply.has_frames()) {
      for (std::string& frame : *reply.mutable_frames()->mutable_frames()) {
        inbox_bytes_ += frame.size();
        inbox_.emplace_back(std::move(frame));
      }
    } else if (reply.has_turn_end()) {
      inbox_.emplace_back(std::move(*reply.mutable_turn_end()));
    } else if (reply.has_closed()) {
      closed = {reply.closed().code(), reply.closed().reason()};
      break;
    }
    changed_.Notify();
    if (!in_turn_ && on_change_) on_change_();
    while (inbox_bytes_ > kMaxInboxBytes && !closed_) {
      room_awaited_ = true;
      co_await room_.Wait();
    }
    more = co_await stream_->Receive(reply);
  }
  Over(std::move(closed));
  stream_->Cancel();
  co_await stream_->Finish();
}

void UpstreamSocket::Over(Closed closed) {
  if (closed_) return;
  closed_ = std::move(closed);
  changed_.Notify();
  if (on_change_) on_change_();
}

Awaitable<bool> UpstreamSocket::SendTurn(upstream::v1::Turn turn, std::string frame) {
  const auto self = shared_from_this();
  if (closed_) co_return false;
  in_turn_ = true;
  turn.set_total_bytes(frame.size());
  upstream::v1::SocketRequest request;
  *request.mutable_turn() = std::move(turn);
  bool sent = co_await stream_->Send(request);
  for (std::size_t at = 0; sent && at < frame.size(); at += kChunkBytes) {
    request.set_chunk(frame.substr(at, kChunkBytes));
    sent = co_await stream_->Send(request);
  }
  co_return sent;
}

Awaitable<UpstreamSocket::Item> UpstreamSocket::Next() {
  const auto self = shared_from_this();
  // The running turn is the only one that waits, and what came before the end is told before the end is.
  while (inbox_.empty() && !closed_) co_await changed_.Wait();
  Item item;
  if (!inbox_.empty()) {
    item = std::move(inbox_.front());
    inbox_.pop_front();
  }
  if (const auto* frame = std::get_if<Frame>(&item)) {
    inbox_bytes_ -= frame->size();
    if (std::exchange(room_awaited_, false)) room_.Notify();
  } else {
    in_turn_ = false;
  }
  co_return item;
}

std::optional<UpstreamSocket::Frame> UpstreamSocket::TakeIdleFrame() {
  if (in_turn_ || inbox_.empty()) return std::nullopt;
  Item item = std::move(inbox_.front());
  inbox_.pop_front();
  auto* frame = std::get_if<Frame>(&item);
  if (frame == nullptr) return std::nullopt;
  inbox_bytes_ -= frame->size();
  if (std::exchange(room_awaited_, false)) room_.Notify();
  return std::move(*frame);
}

void UpstreamSocket::Cancel() {
  on_change_ = nullptr;
  if (!closed_) closed_ = Closed{close_code::kNormal, ""};
  stream_->Cancel();
  changed_.Notify();
  if (std::exchange(room_awaited_, false)) room_.Notify();
}

}  // namespace patchbay::frontend
