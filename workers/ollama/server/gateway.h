// The gateway as the bridge sees it: behind gRPC in production, a test's own where nothing should be served.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/async/asio.h"
#include "lib/base/result.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "patchbay/gateway/v1/recorder.pb.h"
#include "patchbay/gateway/v1/relay.pb.h"
#include "workers/ollama/server/departure.h"

namespace patchbay::ollama {

// One answer that comes in messages. Destroying it cancels it.
template <class Message>
class Incoming {
 public:
  virtual ~Incoming() = default;
  // False: it ended; Finish tells how.
  virtual Awaitable<bool> Receive(Message& message) = 0;
  // Once, after Receive gave false.
  virtual Awaitable<Result<void>> Finish() = 0;
  // Of Generate's answers, once finished: the gateway's process went away, and did not end the call itself.
  virtual bool broke() const { return false; }
  virtual void Cancel() = 0;
};

class Gateway {
 public:
  virtual ~Gateway() = default;

  // Everything but Finish fails with kUnavailable, after a while, when the gateway is away, and says so. Arguments
  // outlive the call.
  virtual Awaitable<Result<gateway::v1::ListModelsReply>> ListModels() = 0;
  // Ends with kCancelled when the client leaves.
  virtual Awaitable<Result<gateway::v1::EmbedReply>> Embed(const gateway::v1::EmbedCall& call,
                                                           std::shared_ptr<Departure> departure) = 0;
  virtual Awaitable<Result<std::shared_ptr<Incoming<gateway::v1::GenerateReply>>>> Generate(
      const gateway::v1::GenerateCall& call) = 0;
  // A whole request.
  virtual Awaitable<Result<std::shared_ptr<Incoming<gateway::v1::HttpPiece>>>> Relay(const gateway::v1::HttpHead& head,
                                                                                     std::string body) = 0;
  // The client's side of a call that the gateway records.
  virtual Awaitable<Result<void>> TellClient(const gateway::v1::Recording& told) = 0;
};

}  // namespace patchbay::ollama
