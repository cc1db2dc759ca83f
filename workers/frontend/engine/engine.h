// The commit-point engine: one model call, from lease to settlement. It knows no dialect and no JSON: a payload is
// edited by its own rules (call/grant_edits), an answer goes to a ReplySink.
//
//   acquire ─▶ try ─▶ … ─▶ first output: COMMIT ─▶ … ─▶ end ─▶ settle
//      ▲        │                             │
//      └─ retry ◀─ failure before it          failure after it: the caller tells the client
//
// Before the commit point any failure goes back to accounts, which may grant another account; the
// client sees nothing of it. After it there is never a second attempt.
//
// A provider that has accepted the call and then stays silent for `quiet_commit` commits it too, so
// that the client's connection can be kept alive by heartbeats. Until a provider has accepted it no
// byte goes out: the status would be a guess. An answer that leaves whole has no commit point at all.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "lib/async/time_source.h"
#include "workers/frontend/call/call_spec.h"
#include "workers/frontend/engine/attempt.h"
#include "workers/frontend/engine/leasing.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/engine/upstream_caller.h"

namespace patchbay::frontend {

class Engine {
 public:
  // However accounts counts, one request never tries more often than this. Accounts that say of themselves that they
  // are used up or shut take no attempt from a request, so this is far above what accounts allows to fail.
  static constexpr int kMaxAttempts = 256;

  // All references outlive the engine and its calls.
  Engine(async::TimeSource& time, Leaser& leaser, UpstreamCaller& caller)
      : time_(time), leaser_(leaser), caller_(caller) {}

  // Returns when the lease is settled. `sink` outlives the call. Cancelling ends it at once.
  Awaitable<CallOutcome> Run(CallSpec spec, ReplySink& sink, std::shared_ptr<Cancellation> cancellation);

 private:
  struct Running;  // one call, while it runs

  // Each takes the call a step on; it is over when the outcome says so. Awaited in Run alone, so their references hold.
  Awaitable<Result<LeaseAnswer>> Acquire(Running& running);
  // Nothing when the call is over.
  Awaitable<std::optional<Lease>> Try(Running& running, Lease lease);
  Awaitable<Result<LeaseAnswer>> Retry(Running& running, Lease lease);

  async::TimeSource& time_;
  Leaser& leaser_;
  UpstreamCaller& caller_;
};

}  // namespace patchbay::frontend
