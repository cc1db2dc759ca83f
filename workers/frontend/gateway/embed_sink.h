// The answer to Gateway.Embed on its way to the caller.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/gateway/call_clock.h"

namespace patchbay::frontend {

// Gathers the answer, which leaves whole: until its end every failure can be tried elsewhere.
class EmbedSink final : public ReplySink {
 public:
  // `time` outlives the sink.
  EmbedSink(std::string model, async::TimeSource& time) : model_(std::move(model)), clock_(time) {}

  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) override;
  void TakeHead(const upstream::v1::Head& head) override;
  Losses losses() const override;
  Result<void> TakeEvent(const inference::v1::GenerateEvent&) override;
  Result<bool> TakeBytes(std::string_view bytes) override;
  bool streams() const override { return false; }
  void Commit() override {}
  Awaitable<bool> Flush() override { co_return true; }

  // Of the attempt that answered.
  Result<gateway::v1::EmbedReply> Take(int inputs);
  std::size_t bytes() const { return body_.size(); }
  const std::string& body() const { return body_; }
  SteadyTime began() const { return clock_.began(); }

 private:
  const std::string model_;
  CallClock clock_;
  gateway::v1::Notes notes_;
  std::string body_;
};

}  // namespace patchbay::frontend
