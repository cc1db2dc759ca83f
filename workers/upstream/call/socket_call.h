// One WebSocket to a provider, under the RPC that asked for it.
//
//   SocketOpen ▸ credential ▸ upgrade ▸ SocketOpened ▸ (Turn, Chunk* ▸ Frames* ▸ turn_end)* ▸ SocketClosed
//
// Three coroutines share it: one takes turns from our caller and writes them to the provider, one reads the provider's
// frames, and Run sends what they have to say. What waits to be sent is bounded (kMaxQueuedBytes), so a caller that
// does not read slows the provider down. Single-threaded; held by its coroutines.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "lib/async/event.h"
#include "lib/rpc/stream.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/call/context.h"
#include "workers/upstream/call/outgoing.h"
#include "workers/upstream/call/turn_tracker.h"
#include "workers/upstream/transport/websocket/websocket.h"

namespace patchbay::upstream {

using SocketStream = rpc::Stream<v1::SocketReply, v1::SocketRequest>;

class SocketCall final : public std::enable_shared_from_this<SocketCall> {
 public:
  // Frames waiting for our caller; one message may be larger.
  static constexpr std::size_t kMaxQueuedBytes = std::size_t{1} << 20;
  // Frames that travel together.
  static constexpr std::size_t kMaxBatchBytes = std::size_t{256} << 10;
  static constexpr std::chrono::milliseconds kOpenTimeout{20'000};  // when the caller names none

  SocketCall(const CallContext& context, std::shared_ptr<SocketStream> stream);

  Awaitable<Result<void>> Run();
  // Our caller has gone: the provider's socket is closed at once.
  void Cancel();
  // No further turn. Ends at once when none is running.
  void Drain();

 private:
  Awaitable<Result<void>> ReceiveOpen();
  Awaitable<bool> Open();  // false: SocketOpened told why
  WebSocketRequest MakeRequest(std::chrono::milliseconds timeout) const;
  Awaitable<void> TakeTurns(std::shared_ptr<SocketCall> self);
  Awaitable<bool> TakeTurn(v1::SocketRequest message);  // false: no further one
  Awaitable<void> ReadFrames(std::shared_ptr<SocketCall> self);
  Awaitable<bool> SendQueued();
  void Push(std::string frame);
  void PushEnd(v1::End end);
  void Finish(int code, std::string reason);
  void ArmStall();
  void OnExpiry();
  inference::v1::Failure WhyBroken() const;
  void LogTurn(const v1::End& end) const;

  const CallContext& context_;
  const std::shared_ptr<SocketStream> stream_;
  v1::SocketOpen open_;
  std::shared_ptr<const Provider> provider_;
  Headers forwarded_;
  std::optional<Outgoing> outgoing_;  // once the credential is there
  WebSocket socket_;
  std::optional<TurnTracker> tracker_;
  async::Watchdog watchdog_;  // of the turn that is running

  v1::Turn turn_;
  SteadyTime turn_began_{}, turn_deadline_{};
  std::optional<SteadyTime> first_frame_at_;
  std::chrono::milliseconds stall_{};

  std::deque<v1::SocketReply> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t batch_bytes_ = 0;  // of the last message in the queue
  async::Event queued_, room_, read_done_;
  std::optional<Error> misuse_;  // by our caller; the RPC's status
  bool room_awaited_ = false;
  bool finished_ = false;  // nothing more will be queued
  bool cancelled_ = false;
  bool timed_out_ = false;
  bool draining_ = false;
};

}  // namespace patchbay::upstream
