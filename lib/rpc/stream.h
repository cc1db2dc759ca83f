// A bidirectional stream of messages between two of our processes, without gRPC in sight.
//
// Stream-per-call over gRPC is today's implementation; a multiplexed link may replace it behind this
// interface. One Send and one Receive may be in progress at a time, together.
// Single-threaded. Destroying a stream cancels it.
#pragma once

#include "lib/async/asio.h"
#include "lib/base/result.h"

namespace patchbay::rpc {

template <class Out, class In>
class Stream {
 public:
  virtual ~Stream() = default;
  // False: the stream is broken; Finish tells why.
  virtual Awaitable<bool> Send(const Out& message) = 0;
  // Send and CloseSend in one. From a server's side it also ends the call, with OK: what its handler returns later is
  // not heard any more.
  virtual Awaitable<bool> SendLast(const Out& message) {
    const bool sent = co_await Send(message);
    if (!sent) co_return false;
    co_return co_await CloseSend();
  }
  // No more messages from this side.
  virtual Awaitable<bool> CloseSend() = 0;
  // False: the other side ended the stream; Finish tells how.
  virtual Awaitable<bool> Receive(In& message) = 0;
  // The stream's final status. Call once, after Receive gave false.
  virtual Awaitable<Result<void>> Finish() = 0;
  // Instead of Finish, when the last message has said everything: the stream ends by itself, unattended. The last call.
  virtual void Leave() {}
  // Ends both directions now. Pending operations complete with false.
  virtual void Cancel() = 0;
};

}  // namespace patchbay::rpc
