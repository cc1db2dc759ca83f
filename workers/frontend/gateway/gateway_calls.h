// Model calls of programs, in canonical form, through the same engine as every HTTP client. No gRPC here:
// gateway_service is its adapter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "lib/async/event.h"
#include "lib/async/time_source.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/gateway/caller.h"
#include "workers/frontend/gateway/event_reply.h"
#include "workers/frontend/recorder/bridged_calls.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {

class GatewayCalls {
 public:
  // How Embed's caller hears more than its reply, and is heard when it leaves.
  struct Sidelines {
    std::function<void(std::function<void()> callback)> on_cancelled;
    std::function<void(const std::string& name, const std::string& value)> add_trailer;
  };

  // The references outlive this and its calls. `bridged` may be null: nobody can record.
  GatewayCalls(asio::any_io_executor executor, async::TimeSource& time, Engine& engine, Settings settings,
               BridgedCalls* bridged = nullptr)
      : time_(time), engine_(engine), settings_(std::move(settings)), bridged_(bridged), idle_(std::move(executor)) {}

  // For calls from now on.
  void SetSettings(Settings settings) { settings_ = std::move(settings); }

  // An error is the RPC's own status: nothing was sent. A caller that takes no message for the configured write timeout
  // is taken for gone.
  Awaitable<Result<void>> Generate(GatewayCaller caller, gateway::v1::GenerateCall call,
                                   std::shared_ptr<GatewayWriter> writer);
  Awaitable<Result<gateway::v1::EmbedReply>> Embed(GatewayCaller caller, gateway::v1::EmbedCall call,
                                                   Sidelines sidelines);
  // Returns when no call runs any more.
  Awaitable<void> Drain();

  std::int64_t in_flight() const { return in_flight_; }
  std::int64_t served_total() const { return served_total_; }

 private:
  // A call counts from here until its end.
  class Running;
  // Of the caller's id of a request: unless it is empty, or that of a call in flight.
  std::string RequestId(const std::string& wished);
  CallSpec SpecFor(const GatewayCaller& caller, std::string request_id) const;
  CallSpec GenerateSpec(const GatewayCaller& caller, gateway::v1::GenerateCall call);
  CallSpec EmbedSpec(const GatewayCaller& caller, gateway::v1::EmbedCall call);
  // Null while nobody records, and for who has no client to tell of.
  RecordingPtr RecordingOf(const CallSpec& spec, bool tells_client) const;
  void EndRecording(const RecordingPtr& recording, const CallOutcome& outcome);

  async::TimeSource& time_;
  Engine& engine_;
  Settings settings_;
  BridgedCalls* bridged_;
  async::Event idle_;                            // no call runs any more
  std::unordered_set<std::string> request_ids_;  // of calls in flight
  std::int64_t in_flight_ = 0;
  std::int64_t served_total_ = 0;
};

// What a client may send in CountTokens: the number that the HTTP dialects' count endpoints give.
Result<gateway::v1::CountTokensReply> CountTokens(const gateway::v1::CountTokensRequest& request);

}  // namespace patchbay::frontend
