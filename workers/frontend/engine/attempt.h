// One try of a call under one lease: what goes out, what comes back, and when that commits. It knows neither lease nor
// retry.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "lib/async/time_source.h"
#include "workers/frontend/call/call_spec.h"
#include "workers/frontend/engine/cancellation.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/engine/upstream_caller.h"

namespace patchbay::frontend {

// How a try went; what settlement and outcome are made of.
struct AttemptFacts {
  SteadyTime started{};
  WallTime started_at{};
  bool relayed = false;                           // by the client's bytes
  std::string service_tier = {};                  // that the provider was asked for; empty for its default
  bool accepted = false;                          // the provider took the call
  bool committed = false;                         // the client may have seen something
  bool finished = false;                          // the answer came to its end
  std::optional<std::chrono::milliseconds> head;  // until it did
  std::optional<std::chrono::milliseconds> first_output;
  std::optional<inference::v1::Failure> failure;  // absent when finished, or cancelled
  upstream::v1::End end;
  // What passed, for a usage that nobody reports.
  std::uint64_t text_bytes = 0;  // of events
  std::uint64_t raw_bytes = 0;   // of a relay
};

class Attempt {
 public:
  // A raw body travels in pieces of this size.
  static constexpr std::size_t kChunkBytes = 256 * 1024;

  // What is referred to outlives the attempt. `deadline` is the whole call's.
  Attempt(async::TimeSource& time, CallSpec& spec, ReplySink& sink, const accounts::v1::Granted& granted,
          CallRoute route, SteadyTime deadline);

  // Returns when the call is over at both ends. Call once.
  Awaitable<void> Run(UpstreamCaller& caller, Cancellation& cancellation);

  const AttemptFacts& facts() const { return facts_; }
  // What the request lost on its way, and what was changed, for its trace.
  accounts::v1::AttemptNotes Notes() const;

 private:
  // Awaited where they are called, so their references hold.
  Awaitable<void> SendRequest(CallStream& stream);
  Awaitable<void> SendBytes(CallStream& stream, upstream::v1::CallRequest message);
  Awaitable<void> ReadReply(CallStream& stream, Cancellation& cancellation);
  // The value: whether the message carried output.
  Result<bool> Take(upstream::v1::CallReply& reply);
  Result<bool> TakeEvents(const upstream::v1::Events& events);
  void TakeEnd(upstream::v1::End end);
  void Commit();

  async::TimeSource& time_;
  CallSpec& spec_;
  ReplySink& sink_;
  const accounts::v1::Granted& granted_;
  const CallRoute route_;
  const SteadyTime deadline_;
  AttemptFacts facts_;
  std::unique_ptr<async::TimeSource::Timer> quiet_;
};

}  // namespace patchbay::frontend
