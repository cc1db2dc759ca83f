// What a provider says, as the messages of Gateway.Generate: events go on as they came, one upstream message, one
// message here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "lib/async/time_source.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/engine/reply_sink.h"
#include "workers/frontend/gateway/call_clock.h"
#include "workers/frontend/recorder/recorder.h"

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
  // Metadata that goes with the status.
  virtual void AddTrailer(const std::string& name, const std::string& value) = 0;
};

// What became of a request on its way to the provider that answers it, of each attempt anew.
gateway::v1::Notes NotesOf(const std::string& model, const accounts::v1::Granted& granted, const CallRoute& route);

class EventReply final : public ReplySink {
 public:
  // `time` outlives the reply. A caller that takes no message for `write_timeout` is cancelled.
  EventReply(std::string model, std::shared_ptr<GatewayWriter> writer, async::TimeSource& time,
             std::chrono::milliseconds write_timeout)
      : model_(std::move(model)),
        writer_(std::move(writer)),
        time_(time),
        write_timeout_(write_timeout),
        clock_(time) {}

  void BeginAttempt(const accounts::v1::Granted& granted, const CallRoute& route) override;
  void TakeHead(const upstream::v1::Head& head) override;
  Losses losses() const override {
    return {{notes_.ignored().begin(), notes_.ignored().end()}, {notes_.repaired().begin(), notes_.repaired().end()}};
  }
  Result<void> TakeEvent(const inference::v1::GenerateEvent& event) override;
  Result<bool> TakeBytes(std::string_view) override {
    return Error(ErrorCode::kInternal, "the gateway service has no byte-transparent route");
  }
  void Commit() override {}
  Awaitable<bool> Flush() override;

  // Before the call: tells the caller that it is recorded, and keeps its events from here on. False: the caller is
  // gone.
  Awaitable<bool> Record(RecordingPtr recording);
  // The end of a stream that broke after it began: Failed, as the event order has it.
  void Fail(const Problem& problem);
  // What has not been sent yet, and how long all of it took.
  Awaitable<bool> Finish();
  std::size_t bytes() const { return bytes_; }
  SteadyTime began() const { return clock_.began(); }

 private:
  Awaitable<bool> Send(gateway::v1::GenerateReply reply);

  const std::string model_;
  std::shared_ptr<GatewayWriter> writer_;
  async::TimeSource& time_;
  const std::chrono::milliseconds write_timeout_;
  CallClock clock_;
  gateway::v1::Notes notes_;
  gateway::v1::GenerateReply pending_;
  RecordingPtr recording_;  // null while nobody records
  std::size_t bytes_ = 0;
  bool told_ = false;  // the notes have been sent
};

}  // namespace patchbay::frontend
