// Where the engine puts what a provider says.
#pragma once

#include <string_view>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/frontend/call/call.h"

namespace patchbay::frontend {

class ReplySink {
 public:
  virtual ~ReplySink() = default;

  // A new attempt: whatever an earlier one said is forgotten. The route says in which form the answer comes: a relay's
  // in bytes, any other in events. Never called after Commit.
  virtual void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) = 0;
  // The provider accepted the call; its headers.
  virtual void TakeHead(const upstream::v1::Head& head) = 0;
  // What the client is told that its request lost, by now.
  virtual Losses losses() const = 0;
  // A Failed event never comes here.
  virtual Result<void> TakeEvent(const inference::v1::GenerateEvent& event) = 0;
  // The value says whether the answer has carried output by now: of raw bytes only their dialect knows.
  virtual Result<bool> TakeBytes(std::string_view bytes) = 0;
  // Whether anything leaves before the answer's end. Of an answer that leaves whole nothing is ever committed: as long
  // as it has not ended, every failure can be tried elsewhere.
  virtual bool streams() const { return true; }
  // The commit point: what was taken may go out now, and what comes may go out at once.
  virtual void Commit() = 0;
  // After every message from the commit point on. Waits while the client is behind by more than a bound; false: it is
  // gone.
  virtual Awaitable<bool> Flush() = 0;
};

}  // namespace patchbay::frontend
