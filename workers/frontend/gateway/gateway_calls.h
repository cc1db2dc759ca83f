// Model calls of our own processes, in canonical form, through the same engine as every HTTP client. No gRPC here:
// gateway_service is its adapter.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>

#include "lib/async/event.h"
#include "lib/async/time_source.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/engine/engine.h"
#include "workers/frontend/settings.h"

namespace patchbay::frontend {

// Where a call's messages go.
class GatewayWriter {
 public:
  virtual ~GatewayWriter() = default;
  // False: the caller is gone.
  virtual Awaitable<bool> Send(const gateway::v1::GenerateReply& reply) = 0;
  // Ends the call now. A pending Send gives false.
  virtual void Cancel() = 0;
  // At most once, when the caller leaves before the end.
  virtual void OnCancelled(std::function<void()> callback) = 0;
};

class GatewayCalls {
 public:
  // The references outlive this and its calls.
  GatewayCalls(asio::any_io_executor executor, async::TimeSource& time, Engine& engine, Settings settings)
      : time_(time), engine_(engine), settings_(std::move(settings)), idle_(std::move(executor)) {}

  // For calls from now on.
  void SetSettings(Settings settings) { settings_ = std::move(settings); }

  // `caller` is the role of the process that calls. An error is the RPC's own status: nothing was sent. A caller that
  // takes no message for the configured write timeout is taken for gone.
  Awaitable<Result<void>> Generate(std::string caller, gateway::v1::GenerateCall call,
                                   std::shared_ptr<GatewayWriter> writer);
  // Returns when no call runs any more.
  Awaitable<void> Drain();

  std::int64_t in_flight() const { return in_flight_; }
  std::int64_t served_total() const { return served_total_; }

 private:
  CallSpec SpecFor(std::string_view caller, gateway::v1::GenerateCall call);

  async::TimeSource& time_;
  Engine& engine_;
  Settings settings_;
  async::Event idle_;                            // no call runs any more
  std::unordered_set<std::string> request_ids_;  // of calls in flight
  std::int64_t in_flight_ = 0;
  std::int64_t served_total_ = 0;
};

}  // namespace patchbay::frontend
