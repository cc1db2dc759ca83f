// The commit-point engine: one model call, from lease to settlement, without any dialect.
//
//   acquire ─▶ open ─▶ … ─▶ first output: COMMIT ─▶ … ─▶ end ─▶ settle
//      ▲                │                             │
//      └─ retry ◀─ failure before it                  failure after it: the caller tells the client
//
// Before the commit point any failure goes back to accounts, which may grant another account; the
// client sees nothing of it. After it there is never a second attempt.
//
// A provider that has accepted the call and then stays silent for `quiet_commit` commits it too, so
// that the client's connection can be kept alive by heartbeats. Until a provider has accepted it no
// byte goes out: the status would be a guess.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/engine/leasing.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/engine/upstream_caller.h"

namespace patchbay::frontend {

struct CallSpec {
  std::string request_id;  // unique among the calls in flight
  std::string client_key_id;
  std::string model;  // the client's name
  std::string dialect;
  std::string affinity_key;
  std::string session_id;
  std::string traceparent;
  std::vector<accounts::v1::Capability> capabilities;
  // Only this account will do; empty for any.
  std::string pinned_account;
  // The call opens a socket and nothing else: no model yet, and no usage row.
  bool opens_socket = false;
  Payload payload;
  HeaderList forwarded_headers;
  std::chrono::milliseconds queue_wait{60'000};
  std::chrono::milliseconds total_timeout{1'800'000};  // of all attempts together
  std::chrono::milliseconds quiet_commit{15'000};
};

struct CallOutcome {
  enum class Ending {
    kCompleted,
    kRefused,     // nothing was committed: `problem` is the whole answer
    kBroken,      // committed, then it broke: `problem` ends the stream
    kClientGone,  // nobody is left to tell
  };
  Ending ending = Ending::kRefused;
  std::optional<Problem> problem;
  // For the access log.
  std::string account_label;
  int attempts = 0;
  std::optional<std::chrono::milliseconds> first_output;
  inference::v1::Usage usage;
};

class Engine {
 public:
  // However accounts counts, one request never tries more often than this.
  static constexpr int kMaxAttempts = 16;
  // A raw body travels in pieces of this size.
  static constexpr std::size_t kChunkBytes = 256 * 1024;

  // All references outlive the engine and its calls.
  Engine(asio::io_context& io, Leaser& leaser, UpstreamCaller& caller, const Clock& clock)
      : io_(io), leaser_(leaser), caller_(caller), clock_(clock) {}

  // Returns when the lease is settled. `sink` outlives the call. Cancelling ends it at once.
  Awaitable<CallOutcome> Run(CallSpec spec, ReplySink& sink, std::shared_ptr<Cancellation> cancellation);

 private:
  struct Attempt;

  // Awaited where they are called, so their references hold.
  Awaitable<void> RunAttempt(CallSpec& spec, std::shared_ptr<Attempt> attempt, Cancellation& cancellation);
  Awaitable<bool> SendRequest(CallSpec& spec, Attempt& attempt, CallStream& stream);
  Awaitable<void> ReadReply(CallSpec& spec, std::shared_ptr<Attempt> attempt, CallStream& stream,
                            Cancellation& cancellation);
  Result<bool> TakeReply(const CallSpec& spec, const std::shared_ptr<Attempt>& attempt, upstream::v1::CallReply& reply);
  void CommitWhenQuiet(const CallSpec& spec, const std::shared_ptr<Attempt>& attempt);
  accounts::v1::Settle SettlementOf(const CallSpec& spec, const Attempt& attempt, accounts::v1::Outcome outcome) const;

  asio::io_context& io_;
  Leaser& leaser_;
  UpstreamCaller& caller_;
  const Clock& clock_;
};

}  // namespace patchbay::frontend
